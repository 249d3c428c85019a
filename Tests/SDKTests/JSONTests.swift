// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// `impresario/json.h`, by a program that checks it from inside.
@Suite struct JSONTests {
    @Test(
        "Reads, refuses and writes as it should, and noise does not hurt it: as C and as C++, with sanitizers",
        arguments: SDKFixture.Language.allCases)
    func json(_ language: SDKFixture.Language) async throws {
        try await SDKFixture.withFolder { folder in
            let program = folder.appending(path: "json").path
            let sanitizers = ["-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
            try await SDKFixture.compile("json.c", as: language, sanitizers, into: program)
            for seed in 1...3 {
                let answer = try await SDKFixture.run(["env", program, String(seed)])
                #expect(answer.succeeded && answer.text.isEmpty, "seed \(seed): \(answer.text)")
            }
        }
    }

    @Test("The headers are C11, and C++17, by themselves and without an extension of the compiler")
    func standards() async throws {
        try await SDKFixture.withFolder { folder in
            for header in ["plugin.h", "json.h", "operations.h"] {
                try await SDKFixture.compile(
                    "#include <impresario/\(header)>\nint nothing;\n", as: .c, ["-std=c11", "-c"], into: folder.path + "/c.o")
            }
            for header in ["plugin.h", "json.h", "helpers.h", "plugin.hpp"] {
                try await SDKFixture.compile(
                    "#include <impresario/\(header)>\nint nothing;\n", as: .cpp, ["-c"], into: folder.path + "/cpp.o")
            }
        }
    }

    @Test("A function that differs from the list of its operation does not compile")
    func disagreement() async throws {
        let text = """
            #include <impresario/operations.h>
            #define ADD(P) P(IN, I64, a, "a", "A number.") P(OUT, I64, b, "b", "One more.")
            IMP_OPERATION(add, ADD, 0, "add", "Adds one.");
            static imp_status add(imp_call *call, TYPE a, int64_t *b) { (void)call; *b = a + 1; return IMP_OK; }
            const imp_op *const op = &add_operation;

            """
        let cpp = """
            #include <impresario/plugin.hpp>
            struct T { void add(imp::Call &, std::int64_t, imp::Out<std::int64_t>) {} };
            auto op = imp::operation<&T::add>("add", "Adds one.", 0, {{"a", "A number."}DESCRIPTION});

            """
        try await SDKFixture.withFolder { folder in
            let object = folder.path + "/o.o"
            try await SDKFixture.compile(text.replacing("TYPE", with: "int64_t"), as: .c, ["-c"], into: object)
            await #expect(throws: (any Error).self) {
                try await SDKFixture.compile(text.replacing("TYPE", with: "int32_t"), as: .c, ["-c"], into: object)
            }
            try await SDKFixture.compile(cpp.replacing("DESCRIPTION", with: #", {"b", "One more."}"#), as: .cpp, ["-c"], into: object)
            await #expect(throws: (any Error).self) {
                try await SDKFixture.compile(cpp.replacing("DESCRIPTION", with: ""), as: .cpp, ["-c"], into: object)
            }
        }
    }
}
