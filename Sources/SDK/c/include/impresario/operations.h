/* SPDX-License-Identifier: Apache-2.0
 *
 * Typed operations in C: the table that the host reads and the prototype of the function that it calls are made from one list, so that they cannot
 * disagree; a definition that differs from the list does not compile. C++ has the same by templates in impresario/plugin.hpp.
 *
 *     #define COMPACT(P)                                                                        \
 *         P(IN, U64, keep, "keep", "How many of the newest revisions stay.", "1000")            \
 *         P(OUT, I64, revision, "revision", "Up to which revision was forgotten.")
 *     IMP_OPERATION(compact, COMPACT, IMP_O_IDEMPOTENT, "compact", "Forgets old revisions.");
 *
 *     static imp_status compact(imp_call *call, uint64_t keep, int64_t *revision) { … }
 *
 *     static const imp_op *const operations[] = {&compact_operation};
 *
 * P(direction, type, C name, "name", "summary" [, "default as JSON" [, "JSON Schema"]])
 *   direction  IN, OPTIONAL (IMP_P_OPTIONAL: a scalar needs its default), SECRET; OUT, OPTIONAL_OUT, SECRET_OUT
 *   type       BOOL I32 U32 I64 U64 F64 STR JSON NODE DURATION BYTES STRS: those of impresario/plugin.h
 * IMP_OPERATION(C name, list, IMP_O_* flags, "id", "summary" [, "since" [, "deprecated"]])
 *   Declares the function `static`, and makes the descriptor `<C name>_operation`. An operation without parameters has the list IMP_NO_PARAMETERS.
 *
 * BYTES and STRS that come in are two parameters of the function: `const uint8_t *name, size_t name_count` and `const char *const *name, size_t
 * name_count`. Those that go out, and all texts that do, are an `imp_out *`.
 */
#ifndef IMPRESARIO_OPERATIONS_H
#define IMPRESARIO_OPERATIONS_H

#include <impresario/plugin.h>

#ifdef __cplusplus
#error "impresario/operations.h is for C; C++ declares operations by imp::operation() of impresario/plugin.hpp"
#endif

#define IMP_NO_PARAMETERS(P)

#define IMP_OPERATION(function, PARAMETERS, operation_flags, ...)                                                                \
    static imp_status function(imp_call *call PARAMETERS(IMP_ARGUMENT_));                                                        \
    /* NULL ends the list, so that there is one without parameters; it is not counted. */                                        \
    static const imp_param *const function##_parameters_[] = {PARAMETERS(IMP_DESCRIPTOR_) NULL};                                 \
    static const imp_op function##_operation = {                                                                                 \
        .struct_size = sizeof(imp_op),                                                                                           \
        .flags = (operation_flags),                                                                                              \
        .fn = (void (*)(void))function,                                                                                          \
        .params = function##_parameters_,                                                                                        \
        .nparams = sizeof function##_parameters_ / sizeof *function##_parameters_ - 1,                                           \
        .id = __VA_ARGS__,                                                                                                       \
    }

/* One row of the table. */
#define IMP_DESCRIPTOR_(direction, kind, c_name, ...)                                                                            \
    &(const imp_param){.struct_size = sizeof(imp_param), .type = IMP_##kind, .flags = IMP_FLAGS_##direction##_, .name = __VA_ARGS__},

#define IMP_FLAGS_IN_ 0
#define IMP_FLAGS_OPTIONAL_ IMP_P_OPTIONAL
#define IMP_FLAGS_SECRET_ IMP_P_SECRET
#define IMP_FLAGS_OUT_ IMP_P_OUT
#define IMP_FLAGS_OPTIONAL_OUT_ (IMP_P_OUT | IMP_P_OPTIONAL)
#define IMP_FLAGS_SECRET_OUT_ (IMP_P_OUT | IMP_P_SECRET)

/* The same row in the prototype: each begins with the comma behind what stands before it. */
#define IMP_ARGUMENT_(direction, kind, c_name, ...) IMP_ARGUMENT_##direction##_(kind, c_name)
#define IMP_ARGUMENT_IN_(kind, c_name) IMP_IN_##kind##_(c_name)
#define IMP_ARGUMENT_OPTIONAL_(kind, c_name) IMP_IN_##kind##_(c_name)
#define IMP_ARGUMENT_SECRET_(kind, c_name) IMP_IN_##kind##_(c_name)
#define IMP_ARGUMENT_OUT_(kind, c_name) IMP_OUT_##kind##_(c_name)
#define IMP_ARGUMENT_OPTIONAL_OUT_(kind, c_name) IMP_OUT_##kind##_(c_name)
#define IMP_ARGUMENT_SECRET_OUT_(kind, c_name) IMP_OUT_##kind##_(c_name)

#define IMP_IN_BOOL_(c_name) , uint8_t c_name
#define IMP_IN_I32_(c_name) , int32_t c_name
#define IMP_IN_U32_(c_name) , uint32_t c_name
#define IMP_IN_I64_(c_name) , int64_t c_name
#define IMP_IN_U64_(c_name) , uint64_t c_name
#define IMP_IN_F64_(c_name) , double c_name
#define IMP_IN_STR_(c_name) , const char *c_name
#define IMP_IN_JSON_(c_name) , const char *c_name
#define IMP_IN_NODE_(c_name) , const char *c_name
#define IMP_IN_DURATION_(c_name) , int64_t c_name
#define IMP_IN_BYTES_(c_name) , const uint8_t *c_name, size_t c_name##_count
#define IMP_IN_STRS_(c_name) , const char *const *c_name, size_t c_name##_count

#define IMP_OUT_BOOL_(c_name) , uint8_t *c_name
#define IMP_OUT_I32_(c_name) , int32_t *c_name
#define IMP_OUT_U32_(c_name) , uint32_t *c_name
#define IMP_OUT_I64_(c_name) , int64_t *c_name
#define IMP_OUT_U64_(c_name) , uint64_t *c_name
#define IMP_OUT_F64_(c_name) , double *c_name
#define IMP_OUT_STR_(c_name) , imp_out *c_name
#define IMP_OUT_JSON_(c_name) , imp_out *c_name
#define IMP_OUT_NODE_(c_name) , imp_out *c_name
#define IMP_OUT_DURATION_(c_name) , int64_t *c_name
#define IMP_OUT_BYTES_(c_name) , imp_out *c_name
#define IMP_OUT_STRS_(c_name) , imp_out *c_name

#endif
