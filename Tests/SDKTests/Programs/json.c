/* SPDX-License-Identifier: Apache-2.0
 * impresario/json.h: what it takes and refuses, what it writes, and that noise does not hurt it. Built as C and as C++, with sanitizers. The argument is a
 * seed. Prints one line for each thing that is wrong. */
#include <impresario/helpers.h>

static int failures;

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            printf("line %d: %s\n", __LINE__, #condition); \
            failures++; \
        } \
    } while (0)

typedef struct memory_sink {
    char bytes[8192];
    size_t used, limit;
} memory_sink;

static imp_status write_to_memory(void *to, const void *bytes, size_t length) {
    memory_sink *sink = (memory_sink *)to;
    if (length > sink->limit - sink->used) return IMP_EXHAUSTED;
    memcpy(sink->bytes + sink->used, bytes, length);
    sink->used += length;
    return IMP_OK;
}

static imp_writer writer_of(memory_sink *sink, size_t limit) {
    imp_writer w = imp_writer_to(NULL, NULL);
    memset(sink, 0, sizeof *sink);
    sink->limit = limit;
    w.write = write_to_memory;
    w.to = sink;
    return w;
}

static imp_str bytes(const char *at, size_t length) {
    imp_str text = {at, length};
    return text;
}

static int takes(imp_str text) {
    IMP_ARENA(arena);
    return imp_json_parse(&arena, text, NULL) != NULL;
}

static int refuses(const char *text, const char *what) {
    IMP_ARENA(arena);
    imp_json_error error = {0, ""};
    const imp_json *json = imp_json_parse(&arena, imp_str_of(text), &error);
    if (json || strcmp(error.what, what) != 0) printf("'%s': %s\n", text, json ? "was taken" : error.what);
    return !json && strcmp(error.what, what) == 0 && error.offset <= strlen(text);
}

static void values(void) {
    IMP_ARENA(arena);
    const imp_json *json = imp_json_parse(&arena, imp_str_of(" {\"a\": [1, -2.5e3, true, null, \"x\"], \"b\": {\"c\": false}, \"a/b\": 7, \"d\": 1, \"d\": 2} "), NULL);
    CHECK(json && json->count == 5);
    CHECK(imp_json_integer(imp_json_at(json, "/a/0"), 9) == 1);
    CHECK(imp_json_double(imp_json_at(json, "/a/1"), 0) == -2500);
    CHECK(imp_json_integer(imp_json_at(json, "/a/1"), 9) == 9);
    CHECK(imp_json_is_true(imp_json_at(json, "/a/2")) && !imp_json_is_true(imp_json_at(json, "/b/c")));
    CHECK(imp_json_at(json, "/a/3") && imp_json_at(json, "/a/3")->kind == IMP_JSON_NULL);
    CHECK(imp_str_is(imp_json_text(imp_json_at(json, "/a/4")), "x"));
    CHECK(!imp_json_at(json, "/a/5") && !imp_json_at(json, "/a/x") && !imp_json_at(json, "/a/") && !imp_json_at(json, "/a/99999999999999999999"));
    CHECK(!imp_json_at(json, "/b/c/d") && !imp_json_at(json, "b") && imp_json_at(json, "") == json);
    CHECK(imp_json_integer(imp_json_member(json, imp_str_of("a/b")), 0) == 7);
    CHECK(imp_json_integer(imp_json_at(json, "/d"), 0) == 2);
    CHECK(!imp_json_at(NULL, "/a") && !imp_json_first(NULL) && imp_json_text(NULL).len == 0 && imp_json_integer(NULL, 3) == 3);
}

static void numbers(void) {
    IMP_ARENA(arena);
    const imp_json *json = imp_json_parse(
        &arena, imp_str_of("[9223372036854775807, -9223372036854775808, 18446744073709551615, 18446744073709551616, -9223372036854775809, 0, -0, 1e2, 0.1]"), NULL);
    CHECK(json && json->count == 9);
    CHECK(imp_json_integer(imp_json_at(json, "/0"), 0) == INT64_MAX && imp_json_integer(imp_json_at(json, "/1"), 0) == INT64_MIN);
    CHECK(imp_json_unsigned(imp_json_at(json, "/2"), 0) == UINT64_MAX && imp_json_integer(imp_json_at(json, "/2"), 5) == 5);
    CHECK(imp_json_double(imp_json_at(json, "/3"), 0) == 18446744073709551616.0 && imp_json_unsigned(imp_json_at(json, "/3"), 5) == 5);
    CHECK(imp_json_double(imp_json_at(json, "/4"), 0) == -9223372036854775808.0);
    CHECK(imp_json_integer(imp_json_at(json, "/5"), 9) == 0 && imp_json_integer(imp_json_at(json, "/6"), 9) == 0);
    CHECK(imp_json_double(imp_json_at(json, "/8"), 0) == 0.1);
    CHECK(refuses("01", "this is no value") && refuses("-", "this is no value") && refuses("+1", "this is no value") && refuses(".5", "this is no value"));
    CHECK(refuses("1.", "a number has no digits behind its point") && refuses("1e", "a number has no digits in its exponent") && refuses("1e999", "a number is too large"));
    CHECK(refuses("NaN", "this is no value") && refuses("0x10", "something stands behind the value"));
}

static void texts(void) {
    IMP_ARENA(arena);
    const imp_json *json = imp_json_parse(&arena, imp_str_of("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\u20ac\\ud83d\\ude00 \xc3\xa9\xf0\x9f\x98\x80\""), NULL);
    CHECK(imp_str_is(imp_json_text(json), "\"\\/\b\f\n\r\tA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 \xc3\xa9\xf0\x9f\x98\x80"));
    imp_str with_nul = imp_json_text(imp_json_parse(&arena, imp_str_of("\"a\\u0000b\""), NULL));
    CHECK(with_nul.len == 3 && with_nul.ptr[1] == 0 && with_nul.ptr[3] == 0);
    CHECK(refuses("\"\\ud83d\"", "half of a surrogate pair") && refuses("\"\\ude00\"", "half of a surrogate pair") && refuses("\"\\ud83d\\u0041\"", "half of a surrogate pair"));
    CHECK(refuses("\"\\x\"", "there is no such escape") && refuses("\"\\u12g4\"", "an escape has no four hexadecimal digits") && refuses("\"abc", "a text does not end"));
    CHECK(refuses("\"\\", "a text does not end") && refuses("\"\\u12", "a text does not end") && refuses("\"\\\"", "a text does not end"));
    CHECK(refuses("\"a\nb\"", "a control character stands in a text"));
    /* Overlong, a surrogate, above the last character, cut off, a stray continuation. */
    const char *wrong[] = {"\"\xc0\xaf\"", "\"\xe0\x80\x80\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xc3\"", "\"\x80\"", "\"\xf0\x9f\x98\"", "\"\xff\""};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) CHECK(refuses(wrong[i], "a text is not UTF-8"));
}

static void shapes(void) {
    char deep[300];
    CHECK(refuses("", "a value is missing") && refuses("  ", "a value is missing") && refuses("{}x", "something stands behind the value"));
    CHECK(refuses("[1,]", "this is no value") && refuses("{\"a\":1,}", "a member has no name") && refuses("{1:2}", "a member has no name"));
    CHECK(refuses("[1 2]", "there is no ',' between two values") && refuses("[1", "an array or object does not end") && refuses("{\"a\" 1}", "there is no ':' behind a name"));
    CHECK(refuses("tru", "this is no value") && refuses("nul", "this is no value") && refuses("{\"a\\u0000\":1}", "a member's name has a NUL"));
    memset(deep, '[', 64), memset(deep + 64, ']', 64), deep[128] = 0;
    CHECK(takes(imp_str_of(deep)));
    memset(deep, '[', 65), memset(deep + 65, ']', 65), deep[130] = 0;
    CHECK(refuses(deep, "it is nested too deeply"));
    CHECK(!takes(bytes(NULL, 0)) && !takes(bytes("1\0", 2)));
    /* Nothing behind the end is looked at: the next byte is not ours. */
    CHECK(takes(bytes("12", 1)) && !takes(bytes("\"a\"", 2)) && !takes(bytes("true", 3)));
    imp_arena small = {NULL, 0, 8192};
    imp_json_error error = {0, ""};
    char *many = (char *)malloc(4001);
    for (int i = 0; i < 2000; i++) memcpy(many + 2 * i, i ? ",1" : "[1", 2);
    many[4000] = ']';
    imp_str list = {many, 4001};
    CHECK(!imp_json_parse(&small, list, &error) && !strcmp(error.what, "there is no memory") && small.total <= 8192);
    imp_arena_free(&small);
    free(many);
}

static void writing(void) {
    IMP_ARENA(arena);
    memory_sink sink;
    imp_writer w = writer_of(&sink, sizeof sink.bytes - 1);
    imp_put_object(&w, NULL);
    imp_put_text(&w, "t", imp_str_of("a\"\\\n\x01\xc3\xa9\xff"));
    imp_put_array(&w, "n");
    imp_put_integer(&w, NULL, INT64_MIN);
    imp_put_unsigned(&w, NULL, UINT64_MAX);
    imp_put_double(&w, NULL, 0.5);
    imp_put_double(&w, NULL, 1e308 * 10);
    imp_put_bool(&w, NULL, 7);
    imp_put_null(&w, NULL);
    imp_put_end(&w);
    imp_put_textf(&w, "f", "%d-%s", 3, "x");
    imp_put_object(&w, "o");
    imp_put_end(&w);
    imp_put_end(&w);
    CHECK(imp_put_finish(&w) == IMP_OK);
    CHECK(!strcmp(sink.bytes, "{\"t\":\"a\\\"\\\\\\u000a\\u0001\xc3\xa9\xef\xbf\xbd\",\"n\":[-9223372036854775808,18446744073709551615,0.5,null,true,null],\"f\":\"3-x\",\"o\":{}}"));
    const imp_json *again = imp_json_parse(&arena, imp_str_of(sink.bytes), NULL);
    memory_sink copy;
    w = writer_of(&copy, sizeof copy.bytes - 1);
    imp_put_value(&w, NULL, again);
    CHECK(imp_put_finish(&w) == IMP_OK && !strcmp(copy.bytes, sink.bytes));
    /* Mistakes: a key in an array, none in an object, two values, one that is open, one end too many, nothing. */
    w = writer_of(&sink, 100), imp_put_array(&w, NULL), imp_put_null(&w, "k"), imp_put_end(&w);
    CHECK(imp_put_finish(&w) == IMP_INTERNAL);
    w = writer_of(&sink, 100), imp_put_object(&w, NULL), imp_put_null(&w, NULL), imp_put_end(&w);
    CHECK(imp_put_finish(&w) == IMP_INTERNAL);
    w = writer_of(&sink, 100), imp_put_null(&w, NULL), imp_put_null(&w, NULL);
    CHECK(imp_put_finish(&w) == IMP_INTERNAL);
    w = writer_of(&sink, 100), imp_put_object(&w, NULL);
    CHECK(imp_put_finish(&w) == IMP_INTERNAL);
    w = writer_of(&sink, 100), imp_put_object(&w, NULL), imp_put_end(&w), imp_put_end(&w);
    CHECK(imp_put_finish(&w) == IMP_INTERNAL);
    w = writer_of(&sink, 100);
    CHECK(imp_put_finish(&w) == IMP_INTERNAL);
    w = writer_of(&sink, 100);
    for (int i = 0; i < 100; i++) imp_put_array(&w, NULL);
    CHECK(imp_put_finish(&w) == IMP_INTERNAL);
    /* A sink that is full, in the middle and at the end. */
    w = writer_of(&sink, 600), imp_put_array(&w, NULL);
    for (int i = 0; i < 1000; i++) imp_put_integer(&w, NULL, i);
    imp_put_end(&w);
    CHECK(imp_put_finish(&w) == IMP_EXHAUSTED && sink.used <= 600);
    w = writer_of(&sink, 3), imp_put_cstr(&w, NULL, "abcdef");
    CHECK(imp_put_finish(&w) == IMP_EXHAUSTED && sink.used == 0);
}

static uint64_t state;

static uint32_t draw(uint32_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) % below;
}

/* Documents that are nearly right: what is taken, written and read again is the same text. */
static void noise(void) {
    static const char *const parts[] = {"{", "}", "[", "]", ",", ":", "\"a\"", "\"\\u00e9\"", "\"\\ud83d\\ude00\"", "1", "-0.5e-3", "true", "null", " ", "\"", "\\", "\xc3\xa9",
                                        "\xff", "1e400", "18446744073709551615", "{\"k\":[1,{\"l\":\"m\"}]}", "[[[[", "\"\\u0000\""};
    int taken = 0;
    for (int round = 0; round < 60000; round++) {
        char text[256];
        size_t length = 0;
        uint32_t n = draw(round % 3 ? 12 : 3);
        for (uint32_t i = 0; i < n; i++) {
            const char *part = parts[draw(sizeof parts / sizeof *parts)];
            if (length + strlen(part) >= sizeof text) break;
            memcpy(text + length, part, strlen(part));
            length += strlen(part);
        }
        if (length && draw(4) == 0) text[draw((uint32_t)length)] = (char)draw(256);
        if (length && draw(8) == 0) length = draw((uint32_t)length);
        /* Of exactly that size, so that a read behind its end is seen. */
        char *exact = (char *)malloc(length + 1);
        memcpy(exact, text, length);
        char *tight = (char *)realloc(exact, length ? length : 1);
        imp_str given = {tight, length};
        IMP_ARENA(arena);
        imp_json_error error = {0, NULL};
        const imp_json *json = imp_json_parse(&arena, given, &error);
        if (!json) CHECK(error.what && error.offset <= length);
        else {
            memory_sink first, second;
            imp_writer w = writer_of(&first, sizeof first.bytes);
            imp_put_value(&w, NULL, json);
            CHECK(imp_put_finish(&w) == IMP_OK);
            imp_str written = {first.bytes, first.used};
            const imp_json *again = imp_json_parse(&arena, written, NULL);
            CHECK(again);
            w = writer_of(&second, sizeof second.bytes);
            imp_put_value(&w, NULL, again);
            CHECK(imp_put_finish(&w) == IMP_OK && second.used == first.used && !memcmp(first.bytes, second.bytes, first.used));
            taken++;
        }
        free(tight);
    }
    CHECK(taken > 1000);
}

int main(int argc, char **argv) {
    state = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    values(), numbers(), texts(), shapes(), writing(), noise();
    IMP_ARENA(arena);
    imp_str formatted = imp_textf(&arena, "%s-%d", "a", 5);
    CHECK(imp_str_is(formatted, "a-5") && !imp_str_is(formatted, "a-") && imp_str_same(formatted, imp_str_of("a-5")));
    return failures ? 1 : 0;
}
