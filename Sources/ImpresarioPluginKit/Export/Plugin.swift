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
    /// Never nil. A plugin that this SDK cannot export (more than 4 types, 64 operations, or 14 words or 6 `Double` arguments of one operation; a
    /// schema that is no JSON) gets a descriptor whose `init` fails with the reason, so that the host can show it to the admin.
    public func export(hostMinor: UInt32) -> UnsafePointer<imp_plugin>? {
        if let known = Exports.current.withLock({ $0?.descriptor.pointer }) { return known }
        let exports = prepare().exports
        Exports.current.withLock { $0 = exports }
        return exports.descriptor.pointer
    }

    /// The descriptor and what stands behind it, not shown to anybody yet.
    func prepare() -> (plugin: imp_plugin, exports: Exports) {
        var operations: [TypedOperation] = []
        var rows: [UnsafePointer<imp_type>?] = []
        var refusal: String?
        do {
            guard (1...Trampolines.verbs.count).contains(types.count) else {
                throw Inexpressible("It has \(types.count) types; PluginKit can export 1 to \(Trampolines.verbs.count).")
            }
            for (index, type) in types.enumerated() { rows.append(try descriptor(of: type, index, &operations)) }
        } catch {
            refusal = "The plugin '\(id)' cannot be exported. \((error as? Inexpressible)?.reason ?? String(describing: error))"
            rows = [Self.placeholder]
        }
        let plugin = descriptor(rows)
        let shared = Exports.Shared(pointer: Forever.value(plugin))
        return (plugin, Exports(plugin: self, descriptor: shared, operations: operations, refusal: refusal))
    }

    private struct Inexpressible: Error {
        var reason: String
        init(_ reason: String) { self.reason = reason }
    }

    private func descriptor(_ rows: [UnsafePointer<imp_type>?]) -> imp_plugin {
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
        plugin.`init` = { host, call in Exports.initialize(host, call) }
        return plugin
    }

    /// A host reads the types before it calls `init`.
    private static var placeholder: UnsafePointer<imp_type>? {
        var row = imp_type()
        row.struct_size = UInt32(MemoryLayout<imp_type>.size)
        row.id = Forever.text("none")
        row.name = Forever.text("None")
        row.summary = Forever.text("The plugin cannot be used.")
        row.create_schema = Forever.text(#"{"type":"object"}"#)
        return Forever.value(row)
    }

    private func descriptor(
        of type: any ClusterType, _ index: Int, _ operations: inout [TypedOperation]
    ) throws -> UnsafePointer<imp_type> {
        var row = imp_type()
        row.struct_size = UInt32(MemoryLayout<imp_type>.size)
        row.id = Forever.text(type.id)
        row.name = Forever.text(type.name)
        row.summary = Forever.text(type.summary)
        row.description_md = Forever.text(type.description)
        row.capabilities = Forever.list(type.capabilities)
        row.create_schema = Forever.text(try type.createSchema.text())
        row.update_schema = Forever.text(try type.updateSchema?.text())
        row.binding_schema = Forever.text(try type.bindingSchema?.text())
        for (verb, entry) in zip(Verb.allCases, Trampolines.verbs[index]) where verb.isImplemented(by: type) {
            row[keyPath: verb.member] = entry
        }
        let entries = try type.operations.map { operation -> UnsafePointer<imp_op>? in
            let place = operations.count
            guard place < OperationTrampolines.mostOperations else {
                throw Inexpressible("Its types have more than \(OperationTrampolines.mostOperations) typed operations together.")
            }
            guard operation.words <= OperationTrampolines.mostWords, operation.doubles <= OperationTrampolines.mostDoubles else {
                throw Inexpressible(
                    """
                    The operation '\(operation.id)' of type '\(type.id)' takes \(operation.words) words and \(operation.doubles) Double arguments; \
                    PluginKit can export \(OperationTrampolines.mostWords) and \(OperationTrampolines.mostDoubles). Put some of them into one JSON argument.
                    """)
            }
            operations.append(operation)
            let function = unsafeBitCast(OperationTrampolines.functions[place], to: (@convention(c) () -> Void).self)
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
    fileprivate func descriptor(_ function: @escaping @convention(c) () -> Void) throws -> imp_op {
        var row = imp_op()
        row.struct_size = UInt32(MemoryLayout<imp_op>.size)
        row.flags = flags.rawValue
        row.id = Forever.text(id)
        row.summary = Forever.text(summary)
        row.since = Forever.text(since)
        row.deprecated = Forever.text(deprecated)
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
