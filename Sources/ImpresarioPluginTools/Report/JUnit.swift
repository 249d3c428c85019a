// SPDX-License-Identifier: Apache-2.0

/// A report as the XML that build servers read: a suite for each group.
public enum JUnit {
    public static func render(_ report: VerificationReport) -> String {
        var groups: [String] = []
        for check in report.checks where !groups.contains(check.group) { groups.append(check.group) }
        let suites = groups.map { group in suite(group, report.checks.filter { $0.group == group }) }
        let name = escape("\(report.plugin) \(report.version)")
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites name="\(name)" tests="\(report.checks.count)" failures="\(report.count(.failed))" skipped="\(report.count(.skipped))">
            <properties><property name="grade" value="\(report.grade.rawValue)"/><property name="seed" value="\(report.seed)"/>\
            <property name="nodes" value="\(report.nodes.rawValue)"/></properties>
            \(suites.joined(separator: "\n"))
            </testsuites>

            """
    }

    private static func suite(_ name: String, _ checks: [VerificationReport.Check]) -> String {
        let failures = checks.count { $0.result == .failed }
        let skipped = checks.count { $0.result == .skipped }
        let time = seconds(checks.reduce(0) { $0 + $1.milliseconds })
        let cases = checks.map(testCase).joined(separator: "\n")
        return """
            <testsuite name="\(escape(name))" tests="\(checks.count)" failures="\(failures)" errors="0" skipped="\(skipped)" time="\(time)">
            \(cases)
            </testsuite>
            """
    }

    private static func testCase(_ check: VerificationReport.Check) -> String {
        let place = escape([check.type, check.group].compactMap(\.self).joined(separator: "."))
        let head = "<testcase classname=\"\(place)\" name=\"\(escape(check.name))\" time=\"\(seconds(check.milliseconds))\">"
        let text = escape([check.message, check.remedy].compactMap(\.self).joined(separator: "\n"))
        let body =
            switch check.result {
            case .failed: "<failure message=\"\(escape(check.message))\">\(text)</failure>"
            case .skipped: "<skipped message=\"\(escape(check.message))\"/>"
            case .warning: "<system-out>warning: \(text)</system-out>"
            case .passed: "<system-out>\(text)</system-out>"
            }
        return head + body + "</testcase>"
    }

    private static func seconds(_ milliseconds: Int) -> String {
        "\(milliseconds / 1000)." + String(String(milliseconds % 1000 + 1000).dropFirst())
    }

    /// Characters that XML cannot hold at all become a question mark.
    static func escape(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n": result += "&#10;"
            case "\t": result += " "
            case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: result += "?"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
