// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ImpresarioModel

@Suite struct PatternTests {
    @Test(
        arguments: [
            ("", ["", "a"], []),
            ("b", ["b", "abc"], ["", "ac"]),
            ("^a$", ["a"], ["", "aa", "a\n"]),
            ("^$", [""], ["a"]),
            ("^a|b$", ["ax", "xb"], ["xa", "bx"]),
            ("^(a|bc)*d$", ["d", "abcad"], ["abd", "bd"]),
            ("^(?:ab)+?$", ["ab", "abab"], ["", "aba"]),
            ("^a{2}$", ["aa"], ["a", "aaa"]),
            ("^a{2,}$", ["aa", "aaaa"], ["a"]),
            ("^(ab?){1,3}$", ["a", "abab", "aaba"], ["", "aaaa", "b"]),
            ("^a{0}b$", ["b"], ["ab"]),
            ("^[a-cx_-]+$", ["abcx_-"], ["d", ""]),
            ("^[^a-c]$", ["d", "ä"], ["a", ""]),
            ("^[\\w.]+@[\\d\\s]$", ["a.B_1@5", "x@ "], ["@5", "ä@5"]),
            ("^[^\\D]\\D$", ["1a"], ["aa", "11"]),
            ("^[\\]\\-a]$", ["]", "-", "a"], ["\\"]),
            ("^\\S\\W$", ["a-"], [" -", "ab"]),
            ("^a.c$", ["abc", "a🎻c"], ["a\nc", "ac"]),
            ("\\.\\*\\/", [".*/"], ["a"]),
            ("^(a*)*$", ["", "aaa"], ["b"]),
            ("^(|a)+$", ["", "aa"], ["b"]),
        ] as [(String, [String], [String])])
    func matches(_ source: String, _ yes: [String], _ no: [String]) throws {
        let pattern = try Pattern(source, field: "")
        for text in yes { #expect(pattern.matches(text), "\(text)") }
        for text in no { #expect(!pattern.matches(text), "\(text)") }
    }

    @Test(arguments: [
        "(", ")", "a)", "[", "[]", "[z-a]", "[\\d-x]", "*a", "a**", "a{2}{3}", "a{", "a{,3}", "a{3,2}", "a{1,x}", "(?=a)", "(?<n>a)", "\\1",
        "\\b", "\\p{L}", "\\", "^*", "a{9999}", "((a{50}){50}){50}", "((){1000}){1000}", String(repeating: "(", count: 100),
    ])
    func whatItDoesNotKnowIsRefused(_ source: String) {
        let problem = #expect(throws: Problem.self) { try Pattern(source, field: "/pattern") }
        #expect(problem?.code == "plugin-invalid")
        #expect(problem?.field == "/pattern")
    }

    @Test func whatStopsABacktrackingEngineIsDoneAtOnce() throws {
        let text = String(repeating: "a", count: 2000) + "!"
        for source in ["^(a+)+$", "^(a|aa)+$", "^(.*)*x$", "(a*)*b"] {
            #expect(ContinuousClock().measure { _ = (try? Pattern(source, field: ""))?.matches(text) } < .seconds(5))
        }
        let schema = try JSONSchema(["pattern": "^(a{0,100}){0,9}$"])
        let problems = schema.validate(.string(String(repeating: "a", count: 1_000_000)))
        #expect(problems.map(\.message) == ["Checking it takes too long."])
    }
}
