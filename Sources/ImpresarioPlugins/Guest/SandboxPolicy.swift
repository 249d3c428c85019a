// SPDX-License-Identifier: Apache-2.0

public import ImpresarioModel

/// The layers of the sandbox without which no plugin is loaded. docs/abi/sandbox.md says what each is for.
///
///     let policy = try SandboxPolicy("strict,-landlock", isRoot: true)
///     options.requiredLayers = policy.required
public struct SandboxPolicy: Hashable, Sendable {
    /// Every layer, in the order in which a guest enters them.
    public static let layers = [
        "descriptors", "cgroup", "namespaces", "root", "uid", "capabilities", "limits", "parent-death", "no-new-privileges", "landlock",
        "seccomp",
    ]

    /// What only a broker that is root can give.
    public static let privileged: Set<String> = ["cgroup", "uid"]

    public static let rule =
        "auto, strict, none, or names of layers separated by commas, each after a '-' to leave it out: \(layers.joined(separator: ", "))"

    /// In the order of ``layers``.
    public let required: [String]

    private init(_ names: some Sequence<String>) {
        let names = Set(names)
        required = Self.layers.filter(names.contains)
    }

    /// Every layer for a broker that is root; without root every one that a kernel with user namespaces gives.
    public static func automatic(isRoot: Bool) -> SandboxPolicy {
        SandboxPolicy(isRoot ? layers : layers.filter { !privileged.contains($0) })
    }

    /// - Parameters:
    ///   - text: as ``rule`` says. `seccomp,landlock` requires these two, `strict,-landlock` all others.
    ///   - isRoot: whether the broker is; decides what `auto` is.
    /// - Throws: ``Problem`` `invalid-usage` that names the word which is none.
    public init(_ text: String, isRoot: Bool) throws(Problem) {
        var names = Set<String>()
        for (index, word) in text.split(separator: ",", omittingEmptySubsequences: false).enumerated() {
            let word = word.trimmingPrefix { $0 == " " }
            let isLeftOut = word.hasPrefix("-")
            let name = String(isLeftOut ? word.dropFirst() : word)
            switch name {
            case "auto" where index == 0 && !isLeftOut: names = Set(Self.automatic(isRoot: isRoot).required)
            case "strict" where index == 0 && !isLeftOut: names = Set(Self.layers)
            case "none" where index == 0 && !isLeftOut: break
            case _ where Self.layers.contains(name):
                if isLeftOut { names.remove(name) } else { names.insert(name) }
            default:
                throw Problem(
                    .invalidUsage, "'\(word.prefix(40))' is no layer of the sandbox.", field: "sandbox", remedy: "It is \(Self.rule).")
            }
        }
        self.init(names)
    }

    /// The required ones among `found` that are not active, and those that are not there at all.
    public func missing(in found: [SandboxLayer]) -> [SandboxLayer] {
        required.compactMap { name in
            guard let layer = found.first(where: { $0.name == name }) else {
                return SandboxLayer(name: name, isActive: false, detail: "not told by the guest host")
            }
            return layer.isActive ? nil : layer
        }
    }
}
