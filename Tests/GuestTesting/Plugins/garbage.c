// SPDX-License-Identifier: Apache-2.0
/* Stands in for impresario-guest and breaks the protocol in the way that the name of its library says. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define IS(name) (!strcmp(mode, name))

struct header {
    uint8_t version, kind, flags, reserved;
    uint32_t length;
    uint64_t call, request;
};

static uint8_t bytes[65536 + 24];

static void frame(uint8_t kind, uint8_t flags, uint64_t call, uint64_t request, const void *payload, uint32_t len) {
    struct header header = {1, kind, flags, 0, len, call, request};
    memcpy(bytes, &header, sizeof header);
    if (len) memcpy(bytes + sizeof header, payload, len);
    if (send(3, bytes, sizeof header + len, MSG_NOSIGNAL) < 0) _exit(0);
}

static uint64_t receive(uint32_t *status) {
    static uint8_t packet[65536 + 24];
    do
        if (recv(3, packet, sizeof packet, 0) <= 0) _exit(0);
    while (packet[2] & 1);
    memcpy(status, packet + 24, 4);
    uint64_t call;
    memcpy(&call, packet + 8, 8);
    return call;
}

/* RESULT of `size` bytes, which the files that go along should hold. */
static void file_frame(uint8_t kind, uint8_t flags, uint64_t call, uint64_t size, const int *files, size_t nfiles) {
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(8 * sizeof(int))];
    } control = {0};
    struct {
        struct header header;
        uint64_t size;
    } packet = {{1, kind, flags, 0, sizeof size, call, 0}, size};
    struct iovec part = {&packet, sizeof packet};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (nfiles) {
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(nfiles * sizeof(int));
        control.header = (struct cmsghdr){.cmsg_len = CMSG_LEN(nfiles * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(&control.header), files, nfiles * sizeof(int));
    }
    if (sendmsg(3, &message, MSG_NOSIGNAL) < 0) _exit(1);
}

/* A file in memory with a RESULT of 13 bytes and zeros up to `size`. */
static int file_of(size_t size, int seals) {
    static const uint8_t result[13] = {0, 0, 0, 0, 0, 1, 0, 0, 0};
    int file = memfd_create("result", MFD_ALLOW_SEALING);
    if (file < 0 || write(file, result, sizeof result) < 0 || ftruncate(file, (off_t)size)) _exit(1);
    if (seals && fcntl(file, F_ADD_SEALS, seals)) _exit(1);
    return file;
}

static void files(const char *mode, uint64_t call) {
    const int all = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    int file = file_of(13, all), pair[2];
    if (IS("file-unsealed")) file_frame(3, 2, call, 13, (int[]){file_of(13, 0)}, 1);
    if (IS("file-half-sealed")) file_frame(3, 2, call, 13, (int[]){file_of(13, all & ~F_SEAL_SHRINK)}, 1);
    if (IS("file-truncated")) {
        file = file_of(300000, 0);
        file_frame(3, 2, call, 300000, &file, 1);
        for (;;) /* to and fro, to be in time for whatever the reader does */
            if (ftruncate(file, 0) || ftruncate(file, 300000)) _exit(1);
    }
    if (IS("file-short")) file_frame(3, 2, call, 300000, &file, 1);
    if (IS("file-empty")) file_frame(3, 2, call, 13, (int[]){file_of(0, all)}, 1);
    if (IS("file-gigabyte")) file_frame(3, 2, call, 1 << 30, (int[]){file_of(1 << 30, all)}, 1);
    if (IS("file-none")) file_frame(3, 2, call, 13, NULL, 0);
    if (IS("file-two")) file_frame(3, 2, call, 13, (int[]){file, file}, 2);
    if (IS("file-many")) file_frame(3, 2, call, 13, (int[]){file, file, file, file, file, file, file, file}, 8);
    if (IS("file-uninvited")) file_frame(3, 0, call, 13, &file, 1);
    if (IS("file-pipe")) file_frame(3, 2, call, 13, pipe(pair) ? NULL : pair, 1);
    if (IS("file-folder")) file_frame(3, 2, call, 13, (int[]){open("/", O_RDONLY | O_DIRECTORY)}, 1);
    if (IS("file-socket")) file_frame(3, 2, call, 13, (int[]){3}, 1); /* its own: lives on in the socket that it goes through */
    if (IS("file-write-only")) {
        char path[64];
        snprintf(path, sizeof path, "/proc/self/fd/%d", file = file_of(13, 0));
        int writer = open(path, O_WRONLY);
        if (fcntl(file, F_ADD_SEALS, all)) _exit(1);
        file_frame(3, 2, call, 13, &writer, 1);
    }
    if (IS("file-of-log")) file_frame(5, 2, call, 13, &file, 1);
    if (IS("file-with-more")) file_frame(3, 3, call, 13, &file, 1);
    if (IS("file-inside")) {
        frame(3, 1, call, 0, "abc", 3);
        file_frame(3, 2, call, 13, &file, 1);
    }
}

_Noreturn static void rest(void) {
    for (;;) pause();
}

static void ready(void) {
    const uint8_t nothing[8] = {0};
    frame(1, 0, 0, 0, nothing, sizeof nothing);
}

int main(int count, char **arguments) {
    const char *mode = count > 1 ? strrchr(arguments[1], '/') + 1 : "";
    static uint8_t zeros[65536];
    uint32_t status;
    if (IS("random")) {
        srand((unsigned)getpid());
        for (size_t i = 0; i < sizeof zeros; i++) zeros[i] = (uint8_t)rand();
        for (int i = 0; i < 100; i++)
            if (send(3, zeros + i * 50, (size_t)(1 + rand() % 300), MSG_NOSIGNAL) < 0) break;
    }
    if (IS("short")) send(3, "abc", 3, 0);
    if (IS("empty")) send(3, "", 0, 0);
    if (IS("version")) {
        struct header header = {.version = 9, .kind = 1};
        send(3, &header, sizeof header, 0);
    }
    if (IS("length")) {
        struct header header = {.version = 1, .kind = 1, .length = 4000000000u};
        send(3, &header, sizeof header, 0);
    }
    if (IS("long")) {
        static uint8_t packet[100000];
        struct header header = {.version = 1, .kind = 1, .length = sizeof packet - sizeof header};
        memcpy(packet, &header, sizeof header);
        send(3, packet, sizeof packet, 0);
    }
    if (IS("kind")) frame(99, 0, 0, 0, NULL, 0);
    if (IS("broker-kind")) frame(16, 0, 0, 0, NULL, 0);
    if (IS("flags")) frame(1, 0x80, 0, 0, NULL, 0);
    if (IS("ready-junk")) frame(1, 0, 0, 0, "\xff\xff\xff\xff", 4);
    if (IS("endless")) for (;;) frame(1, 1, 0, 0, zeros, 65536);
    if (IS("interleaved")) {
        frame(1, 1, 0, 0, zeros, 10);
        frame(5, 0, 0, 0, zeros, 10);
    }
    if (IS("early-result")) frame(3, 0, 1, 0, zeros, 9);
    if (IS("silent")) rest();
    if (IS("deaf")) {
        ready();
        rest();
    }
    ready();
    uint64_t call = receive(&status);
    if (IS("wrong-call")) frame(3, 0, call + 7, 0, zeros, 9);
    if (IS("second-ready")) ready();
    if (IS("result-junk")) frame(3, 0, call, 0, "abc", 3);
    if (IS("result-text")) frame(3, 0, call, 0, "\0\0\0\0\1....", 9);
    if (IS("log-junk")) frame(5, 0, call, 0, "\0\0\0\0\2\0\0\0\xff\xff\0\0\0\0", 14);
    if (IS("function")) frame(4, 0, call, 1, "\x63\0\0\0", 4);
    if (IS("two-requests")) {
        frame(4, 0, call, 1, "\6\0\0\0\1\0\0\0k", 9);
        frame(4, 0, call, 1, "\6\0\0\0\1\0\0\0k", 9);
    }
    if (IS("many-commands")) frame(4, 0, call, 1, "\1\0\0\0\xff\xff\xff\xff", 8);
    if (IS("big-result")) for (;;) frame(3, 1, call, 0, zeros, 65536);
    if (IS("oversize-log")) for (;;) frame(5, 1, call, 0, zeros, 65536);
    files(mode, call);
    if (IS("put-anyway")) { /* state_put without asking whether the verb may; the status of the reply is the answer */
        frame(4, 0, call, 1, "\7\0\0\0\1\0\0\0k\1\0\0\0v\0\0\0\0\0\0\0\0", 22);
        receive(&status);
        char json[64];
        uint8_t payload[128] = {0};
        uint32_t one = 1, len = (uint32_t)sprintf(json, "{\"status\":%u}", status);
        memcpy(payload + 5, &one, 4);
        memcpy(payload + 9, &len, 4);
        memcpy(payload + 13, json, len);
        frame(3, 0, call, 0, payload, 13 + len);
    }
    rest();
}
