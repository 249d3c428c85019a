// SPDX-License-Identifier: Apache-2.0
#include "plugin.h"

#include <stdarg.h>
#include <stdio.h>

const char *const verb_names[VERB_COUNT] = {"validate",    "plan",   "bootstrap", "join",    "leave",   "health",
                                            "credentials", "revoke", "configure", "upgrade", "migrate", "destroy"};

_Static_assert(offsetof(imp_type, destroy) - offsetof(imp_type, validate) == (VERB_COUNT - 1) * sizeof(imp_verb),
               "the verbs lie side by side in the order of their names");

imp_verb verb_of(const imp_type *type, unsigned index) { return (&type->validate)[index]; }

static const char *const kinds[] = {NULL,     "bool", "i32",  "u32",      "i64",   "u64",    "f64",
                                    "string", "json", "node", "duration", "bytes", "strings"};

/* Where in the descriptor the check is, for the reason of a refusal. */
static char where[256];

static size_t enter(const char *format, ...) {
    size_t len = strlen(where);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(where + len, sizeof where - len, format, arguments);
    va_end(arguments);
    return len;
}

static void leave(size_t len) { where[len] = 0; }

_Noreturn static void wrong(const char *member, const char *why) {
    refuse("descriptor", "%s%s%s %s.", where, *where && *member ? "." : "", member, why);
}

/* A text of the descriptor as a JSON member. */
static void text(buffer *json, const char *key, const char *member, const char *value, size_t max, bool required) {
    if (!value) {
        if (required) wrong(member, "is NULL");
        return;
    }
    size_t len = strnlen(value, max + 1);
    if (len > max) wrong(member, "is too long");
    if (required && len == 0) wrong(member, "is empty");
    if (!is_utf8((imp_str){value, len})) wrong(member, "is not UTF-8");
    buffer_printf(json, "\"%s\":", key);
    buffer_json(json, value);
    buffer_append(json, ",", 1);
}

static void label(buffer *json, const char *value) {
    if (!is_label(value)) wrong("id", "is not a DNS label (1 to 63 of a-z, 0-9 and -)");
    text(json, "id", "id", value, 63, true);
}

static void labels(buffer *json, const char *key, const char *const *list, size_t max) {
    buffer_printf(json, "\"%s\":[", key);
    for (size_t i = 0; list && list[i]; i++) {
        if (i == 256) wrong(key, "has more than 256 entries, or lacks the NULL at its end");
        size_t len = strnlen(list[i], max + 1);
        if (len == 0 || len > max || !is_utf8((imp_str){list[i], len})) wrong(key, "has an entry that is empty, too long or not UTF-8");
        if (i) buffer_append(json, ",", 1);
        buffer_json(json, list[i]);
    }
    buffer_append(json, "],", 2);
}

static const char *truth(bool value) { return value ? "true" : "false"; }

static void close_list(buffer *json, const char *end) {
    if (json->bytes[json->len - 1] == ',') json->len--;
    buffer_append(json, end, strlen(end));
}

static void parameter(buffer *json, const imp_param *p) {
    if (!p) wrong("", "is NULL");
    if (p->struct_size < sizeof *p) wrong("struct_size", "is too small");
    if (!is_label(p->name)) wrong("name", "is not a DNS label (1 to 63 of a-z, 0-9 and -)");
    if (p->type < IMP_BOOL || p->type > IMP_STRS) wrong("type", "is none of IMP_BOOL to IMP_STRS");
    if (p->flags & ~(uint32_t)(IMP_P_OUT | IMP_P_OPTIONAL | IMP_P_SECRET)) wrong("flags", "has bits that this minor does not know");
    bool is_out = p->flags & IMP_P_OUT;
    bool is_scalar = p->type <= IMP_F64 || p->type == IMP_DURATION;
    if (is_scalar && !is_out && (p->flags & IMP_P_OPTIONAL) && !p->default_json)
        wrong("default_json", "is NULL, which an optional number must not be");
    buffer_append(json, "{", 1);
    text(json, "name", "name", p->name, 63, true);
    text(json, "summary", "summary", p->summary ? p->summary : "", 1024, false);
    text(json, "defaultJSON", "default_json", p->default_json, IMP_MAX_SCHEMA, false);
    text(json, "schemaJSON", "schema_json", p->schema_json, IMP_MAX_SCHEMA, false);
    buffer_printf(json, "\"kind\":\"%s\",\"isOut\":%s,\"isOptional\":%s,\"isSecret\":%s},", kinds[p->type], truth(is_out),
                  truth(p->flags & IMP_P_OPTIONAL), truth(p->flags & IMP_P_SECRET));
}

static void operation(buffer *json, const imp_op *op) {
    if (!op) wrong("", "is NULL");
    if (op->struct_size < sizeof *op) wrong("struct_size", "is too small");
    if (op->flags & ~(uint32_t)(IMP_O_READONLY | IMP_O_IDEMPOTENT | IMP_O_DESTRUCTIVE | IMP_O_LONG))
        wrong("flags", "has bits that this minor does not know");
    if (!op->fn) wrong("fn", "is NULL");
    if (op->nparams > IMP_MAX_PARAMS) wrong("nparams", "is above IMP_MAX_PARAMS");
    if (op->nparams && !op->params) wrong("params", "is NULL");
    buffer_append(json, "{", 1);
    label(json, op->id);
    text(json, "summary", "summary", op->summary, 1024, true);
    text(json, "since", "since", op->since, 64, false);
    text(json, "deprecated", "deprecated", op->deprecated, 1024, false);
    buffer_printf(json, "\"isReadOnly\":%s,\"isIdempotent\":%s,\"isDestructive\":%s,\"isLong\":%s,", truth(op->flags & IMP_O_READONLY),
                  truth(op->flags & IMP_O_IDEMPOTENT), truth(op->flags & IMP_O_DESTRUCTIVE), truth(op->flags & IMP_O_LONG));
    buffer_printf(json, "\"parameters\":[");
    for (size_t i = 0; i < op->nparams; i++) {
        size_t outer = enter(".params[%zu]", i);
        parameter(json, op->params[i]);
        for (size_t k = 0; k < i; k++)
            if (!strcmp(op->params[k]->name, op->params[i]->name)) wrong("name", "is taken by an earlier parameter");
        leave(outer);
    }
    close_list(json, "]},");
}

static void cluster_type(buffer *json, const imp_type *type) {
    if (!type) wrong("", "is NULL");
    if (type->struct_size < sizeof *type) wrong("struct_size", "is too small");
    if (type->nops > IMP_MAX_OPS) wrong("nops", "is above IMP_MAX_OPS");
    if (type->nops && !type->ops) wrong("ops", "is NULL");
    buffer_append(json, "{", 1);
    label(json, type->id);
    text(json, "name", "name", type->name, 128, true);
    text(json, "summary", "summary", type->summary, 1024, true);
    text(json, "description", "description_md", type->description_md ? type->description_md : "", IMP_MAX_SCHEMA, false);
    labels(json, "capabilities", type->capabilities, 63);
    text(json, "createSchemaJSON", "create_schema", type->create_schema, IMP_MAX_SCHEMA, true);
    text(json, "updateSchemaJSON", "update_schema", type->update_schema, IMP_MAX_SCHEMA, false);
    text(json, "bindingSchemaJSON", "binding_schema", type->binding_schema, IMP_MAX_SCHEMA, false);
    buffer_printf(json, "\"verbs\":[");
    for (unsigned i = 0; i < VERB_COUNT; i++)
        if (verb_of(type, i)) buffer_printf(json, "\"%s\",", verb_names[i]);
    close_list(json, "],\"operations\":[");
    for (size_t i = 0; i < type->nops; i++) {
        size_t outer = enter(".ops[%zu]", i);
        operation(json, type->ops[i]);
        for (size_t k = 0; k < i; k++)
            if (!strcmp(type->ops[k]->id, type->ops[i]->id)) wrong("id", "is taken by an earlier operation");
        leave(outer);
    }
    close_list(json, "]},");
}

void plugin_describe(const imp_plugin *plugin, buffer *json) {
    if (plugin->struct_size < sizeof *plugin) wrong("struct_size", "is too small: the plugin was built with another header");
    if (plugin->min_host_minor > IMP_ABI_MINOR)
        refuse("version", "The plugin needs a host of ABI minor %u; this one has %d.", plugin->min_host_minor, IMP_ABI_MINOR);
    if (!plugin->init) wrong("init", "is NULL");
    if (plugin->ntypes == 0 || plugin->ntypes > IMP_MAX_TYPES) wrong("ntypes", "is 0 or above IMP_MAX_TYPES");
    if (!plugin->types) wrong("types", "is NULL");
    buffer_append(json, "{", 1);
    label(json, plugin->id);
    text(json, "version", "version", plugin->version, 64, true);
    text(json, "vendor", "vendor", plugin->vendor, 128, true);
    text(json, "license", "license", plugin->license, 128, true);
    text(json, "url", "url", plugin->url, 1024, false);
    labels(json, "packages", plugin->packages, 128);
    buffer_printf(json, "\"stateFormat\":%u,\"types\":[", plugin->state_format);
    for (size_t i = 0; i < plugin->ntypes; i++) {
        size_t outer = enter("types[%zu]", i);
        cluster_type(json, plugin->types[i]);
        for (size_t k = 0; k < i; k++)
            if (!strcmp(plugin->types[k]->id, plugin->types[i]->id)) wrong("id", "is taken by an earlier type");
        leave(outer);
    }
    close_list(json, "]}");
}
