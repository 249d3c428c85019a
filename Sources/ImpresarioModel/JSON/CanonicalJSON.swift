// SPDX-License-Identifier: Apache-2.0

public import FoundationEssentials

/// The one JSON form used in the store, on the wire and towards plugins: members sorted, no white space, no escaped slashes.
///
/// Equal values have equal bytes, so records can be compared, hashed and handed out without decoding them.
public enum CanonicalJSON {
    /// - Throws: `EncodingError` for values JSON cannot hold (NaN, infinity).
    public static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }

    /// - Throws: `DecodingError` that names the member at fault; see ``Problem/init(decoding:code:)`` for one a person can read.
    public static func decode<Value: Decodable>(_ type: Value.Type = Value.self, from data: Data) throws -> Value {
        try JSONDecoder().decode(type, from: data)
    }
}

extension JSONValue {
    /// The value as a document.
    ///
    /// - Throws: ``Problem`` `internal` for values JSON cannot hold.
    public init(encoding value: some Encodable) throws(Problem) {
        do { self = try CanonicalJSON.decode(from: CanonicalJSON.encode(value)) } catch { throw Problem(wrapping: error) }
    }

    /// The document as a value.
    ///
    /// - Throws: ``Problem`` with `code` and a JSON pointer to what does not fit.
    public func decoded<Value: Decodable>(as type: Value.Type = Value.self, code: ProblemCode = .invalidBody) throws(Problem) -> Value {
        do { return try CanonicalJSON.decode(from: CanonicalJSON.encode(self)) } catch { throw Problem(decoding: error, code: code) }
    }
}
