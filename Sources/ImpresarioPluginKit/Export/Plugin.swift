// SPDX-License-Identifier: Apache-2.0

public import CImpresario
import Synchronization

/// A plugin: what its one exported function tells the host.
///
///     @_cdecl("imp_plugin_v0")
///     public func entry(hostMinor: UInt32) -> UnsafePointer<imp_plugin>? {
///         Plugin(id: "etcd", version: "1.0.0", vendor: "Example", license: "Apache-2.0", types: [Etcd()]).export(hostMinor: hostMinor)
///     }
public struct Plugin: Sendable {
    /// A DNS label.
    public var id: String
    /// Semantic version.
    public var version: String
    /// Who made it.
    public var vendor: String
    /// SPDX expression.
    public var license: String
    /// Where to read more.
    public var url: String?
    /// Debian packages that plans may ask for.
    public var packages: [String]
    /// Grows when state written by older versions must go through ``Migrating``.
    public var stateFormat: UInt32
    /// 1 ... 4 kinds of cluster.
    public var types: [any ClusterType]

    /// A plugin.
    public init(
        id: String, version: String, vendor: String, license: String, url: String? = nil, packages: [String] = [], stateFormat: UInt32 = 1,
        types: [any ClusterType]
    ) {
        self.id = id
        self.version = version
        self.vendor = vendor
        self.license = license
        self.url = url
        self.packages = packages
        self.stateFormat = stateFormat
        self.types = types
    }

    /// Makes the descriptor, once in a process; it lives as long as that.
    ///
    /// - Returns: NULL, which the host refuses, when there are more types or operations than this SDK has entries for (4 types; 8 operations
    ///   with the same number of C words, 6 words each), or a schema is no JSON.
    public func export(hostMinor: UInt32) -> UnsafePointer<imp_plugin>? {
        if let known = Exports.current.withLock({ $0?.descriptor.pointer }) { return known }
        guard !types.isEmpty, types.count <= Trampolines.verbs.count else { return nil }
        var operations: [Int: [TypedOperation]] = [:]
        var rows: [UnsafePointer<imp_type>?] = []
        for (index, type) in types.enumerated() {
            guard let row = try? descriptor(of: type, index, &operations) else { return nil }
            rows.append(row)
        }
        var plugin = imp_plugin()
        plugin.struct_size = UInt32(MemoryLayout<imp_plugin>.size)
        plugin.abi_minor = UInt32(IMP_ABI_MINOR)
        plugin.state_format = stateFormat
        plugin.id = Forever.text(id)
        plugin.version = Forever.text(version)
        plugin.vendor = Forever.text(vendor)
        plugin.license = Forever.text(license)
        plugin.url = Forever.text(url)
        plugin.packages = Forever.list(packages)
        plugin.types = Forever.array(rows)
        plugin.ntypes = rows.count
        plugin.`init` = { host, _ in Exports.initialize(host) }
        let descriptor = Forever.value(plugin)
        let exports = Exports(plugin: self, descriptor: .init(pointer: descriptor), operations: operations)
        Exports.current.withLock { $0 = exports }
        return descriptor
    }

    private struct TooMany: Error {}

    private func descriptor(
        of type: any ClusterType, _ index: Int, _ operations: inout [Int: [TypedOperation]]
    ) throws -> UnsafePointer<imp_type> {
        var row = imp_type()
        row.struct_size = UInt32(MemoryLayout<imp_type>.size)
        row.id = Forever.text(type.id)
        row.name = Forever.text(type.name)
        row.summary = Forever.text(type.summary)
        row.description_md = Forever.text(type.description)
        row.capabilities = Forever.list(type.capabilities)
        row.create_schema = Forever.text(try type.createSchema.text())
        row.binding_schema = Forever.text(try type.bindingSchema?.text())
        for (verb, entry) in zip(Verb.allCases, Trampolines.verbs[index]) where verb.isImplemented(by: type) {
            row[keyPath: verb.member] = entry
        }
        let entries = try type.operations.map { operation -> UnsafePointer<imp_op>? in
            let taken = operations[operation.words, default: []].count
            guard let function = Trampolines.operation(words: operation.words, index: taken) else { throw TooMany() }
            operations[operation.words, default: []].append(operation)
            return Forever.value(try operation.descriptor(function))
        }
        row.ops = Forever.array(entries)
        row.nops = entries.count
        return Forever.value(row)
    }
}

extension Verb {
    fileprivate var member: WritableKeyPath<imp_type, imp_verb?> {
        switch self {
        case .validate: \.validate
        case .plan: \.plan
        case .bootstrap: \.bootstrap
        case .join: \.join
        case .leave: \.leave
        case .health: \.health
        case .credentials: \.credentials
        case .revoke: \.revoke
        case .configure: \.configure
        case .upgrade: \.upgrade
        case .migrate: \.migrate
        case .destroy: \.destroy
        }
    }
}

extension TypedOperation {
    fileprivate func descriptor(_ function: @escaping Trampolines.Function) throws -> imp_op {
        var row = imp_op()
        row.struct_size = UInt32(MemoryLayout<imp_op>.size)
        row.flags = flags.rawValue
        row.id = Forever.text(id)
        row.summary = Forever.text(summary)
        row.fn = function
        row.params = Forever.array(
            try parameters.map { parameter -> UnsafePointer<imp_param>? in
                var entry = imp_param()
                entry.struct_size = UInt32(MemoryLayout<imp_param>.size)
                entry.type = parameter.type
                entry.flags = parameter.flags
                entry.name = Forever.text(parameter.name)
                entry.summary = Forever.text(parameter.summary)
                entry.default_json = Forever.text(try parameter.defaultValue?.text())
                entry.schema_json = Forever.text(try parameter.schema?.text())
                return Forever.value(entry)
            })
        row.nparams = parameters.count
        return row
    }
}

/// C values that live as long as the process, as descriptors must: never freed on purpose.
private enum Forever {
    static func text(_ text: String?) -> UnsafePointer<CChar>? {
        guard let text else { return nil }
        return array(text.utf8CString.map { $0 })
    }

    static func value<Value>(_ value: Value) -> UnsafePointer<Value> {
        let place = UnsafeMutablePointer<Value>.allocate(capacity: 1)
        place.initialize(to: value)
        return UnsafePointer(place)
    }

    /// Nil when empty.
    static func array<Element>(_ elements: [Element]) -> UnsafePointer<Element>? {
        guard !elements.isEmpty else { return nil }
        let place = UnsafeMutablePointer<Element>.allocate(capacity: elements.count)
        place.initialize(from: elements, count: elements.count)
        return UnsafePointer(place)
    }

    /// NULL-terminated.
    static func list(_ texts: [String]) -> UnsafePointer<UnsafePointer<CChar>?>? {
        array(texts.map { text($0) } + [nil])
    }
}
