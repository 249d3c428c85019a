/* SPDX-License-Identifier: Apache-2.0
 * A client of NATS by the engine's own library (libnats), for tests: nats-client VERB. Where and as whom stands in NATS_URL, NATS_CA, NATS_CERT and NATS_KEY.
 *   echo TEXT     publishes a message and prints what comes back by a subscription
 *   pass TEXT     subscribes, publishes the message through another connection to NATS_OTHER_URL, and prints what is received
 *   keep TEXT     makes a stream of three copies, stores a message in it and prints the stream's leader and followers
 *   kept          prints the last message of that stream
 *   hold          prints "connected", then waits until no server lets it in any more, and prints "sent away"
 *   hold until    the same, but is content when it is connected to another server, and prints "went elsewhere"
 * Exits with 1 and the library's words on stderr when it does not work. */
#include <nats/nats.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void check(natsStatus status, const char *what) {
    if (status == NATS_OK) return;
    const char *more = nats_GetLastError(NULL);
    fprintf(stderr, "%s: %s%s%s\n", what, natsStatus_GetText(status), more ? ": " : "", more ? more : "");
    exit(1);
}

static volatile int closed, elsewhere;
static void on_reconnected(natsConnection *connection, void *closure) {
    (void)connection, (void)closure;
    elsewhere = 1;
}
static void on_closed(natsConnection *connection, void *closure) {
    (void)connection, (void)closure;
    closed = 1;
}

/* Of an echo and of a stream. */
static const char subject[] = "impresario.test", stream[] = "IMPRESARIO", kept_subject[] = "impresario.kept";

static void echo(natsConnection *connection, const char *text) {
    natsSubscription *subscription;
    natsMsg *message;
    check(natsConnection_SubscribeSync(&subscription, connection, subject), "subscribe");
    check(natsConnection_PublishString(connection, subject, text), "publish");
    check(natsSubscription_NextMsg(&message, subscription, 5000), "wait for the message");
    puts(natsMsg_GetData(message));
}

/* Which routes there are is known to a server a moment after the subscription: until then messages go nowhere, so they are repeated. */
static void pass(natsConnection *connection, natsConnection *other, const char *text) {
    natsSubscription *subscription;
    natsMsg *message = NULL;
    natsStatus status = NATS_TIMEOUT;
    check(natsConnection_SubscribeSync(&subscription, connection, subject), "subscribe");
    check(natsConnection_Flush(connection), "flush");
    for (int i = 0; i < 50 && status == NATS_TIMEOUT; i++) {
        check(natsConnection_PublishString(other, subject, text), "publish");
        check(natsConnection_Flush(other), "flush");
        status = natsSubscription_NextMsg(&message, subscription, 100);
    }
    check(status, "wait for the message");
    puts(natsMsg_GetData(message));
}

static void keep(natsConnection *connection, const char *text) {
    jsCtx *context;
    jsStreamConfig config;
    jsStreamInfo *info = NULL;
    const char *subjects[] = {kept_subject};
    check(natsConnection_JetStream(&context, connection, NULL), "JetStream");
    jsStreamConfig_Init(&config);
    config.Name = stream, config.Subjects = subjects, config.SubjectsLen = 1, config.Replicas = 3;
    check(js_AddStream(&info, context, &config, NULL, NULL), "make a stream");
    check(js_Publish(NULL, context, kept_subject, text, (int)strlen(text), NULL, NULL), "store a message");
    printf("%s", info->Cluster && info->Cluster->Leader ? info->Cluster->Leader : "nobody");
    for (int i = 0; info->Cluster && i < info->Cluster->ReplicasLen; i++) printf(" %s", info->Cluster->Replicas[i]->Name);
    puts("");
}

static void kept(natsConnection *connection) {
    jsCtx *context;
    natsMsg *message;
    check(natsConnection_JetStream(&context, connection, NULL), "JetStream");
    check(js_GetLastMsg(&message, context, stream, kept_subject, NULL, NULL), "read a message");
    printf("%.*s\n", natsMsg_GetDataLength(message), natsMsg_GetData(message));
}

static natsConnection *open_connection(const char *url) {
    const char *ca = getenv("NATS_CA"), *cert = getenv("NATS_CERT"), *key = getenv("NATS_KEY");
    natsOptions *options;
    natsConnection *connection;
    char *list, *servers[16];
    int n = 0;
    if (!url || !(list = strdup(url))) exit(2);
    for (char *one = strtok(list, ","); one && n < 16; one = strtok(NULL, ",")) servers[n++] = one;
    check(natsOptions_Create(&options), "options");
    check(natsOptions_SetServers(options, (const char **)servers, n), "servers");
    check(natsOptions_SetTimeout(options, 3000), "timeout");
    check(natsOptions_SetMaxReconnect(options, 3), "reconnect");
    check(natsOptions_SetReconnectWait(options, 100), "reconnect");
    check(natsOptions_SetClosedCB(options, on_closed, NULL), "callback");
    check(natsOptions_SetReconnectedCB(options, on_reconnected, NULL), "callback");
    check(natsOptions_SetSecure(options, true), "TLS");
    if (ca && *ca) check(natsOptions_LoadCATrustedCertificates(options, ca), "authority");
    if (cert && *cert) check(natsOptions_LoadCertificatesChain(options, cert, key), "certificate");
    check(natsConnection_Connect(&connection, options), "connect");
    return connection;
}

int main(int argc, char **argv) {
    const char *verb = argc > 1 ? argv[1] : "", *text = argc > 2 ? argv[2] : "";
    natsConnection *connection = open_connection(getenv("NATS_URL"));
    if (!strcmp(verb, "pass")) pass(connection, open_connection(getenv("NATS_OTHER_URL")), text);
    else if (!strcmp(verb, "echo")) echo(connection, text);
    else if (!strcmp(verb, "keep")) keep(connection, text);
    else if (!strcmp(verb, "kept")) kept(connection);
    else if (!strcmp(verb, "hold")) {
        puts("connected");
        fflush(stdout);
        while (!closed && !(elsewhere && *text)) usleep(20000);
        puts(closed ? "sent away" : "went elsewhere");
    } else return 2;
    return 0;
}
