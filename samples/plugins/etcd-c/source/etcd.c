/* SPDX-License-Identifier: Apache-2.0
 *
 * etcd clusters on the engine that Debian packages. Every verb asks the engine what is so already and goes on from there, so each may be killed
 * anywhere and called again. */
#include "etcd.h"

const imp_host *host;

/* All that a cluster has lives in its nodes. */
static imp_status destroy(imp_call *call, imp_str in, imp_out *out) {
    (void)call, (void)in, (void)out;
    return IMP_OK;
}

static const char *const packages[] = {"etcd-server", "etcd-client", NULL};
static const char *const capabilities[] = {"resize", "repair", "bindings", NULL};

static const imp_type etcd = {
    .struct_size = sizeof(imp_type),
    .id = "etcd",
    .name = "etcd",
    .summary = "A replicated key-value store behind TLS, with a user for each binding.",
    .description_md = "Members keep the data by quorum: of 3, one may fail, of 5, two. Members and clients know each other by certificates; `credentials` "
                      "gives out one for the plain `etcdctl`, of a user that `revoke` deletes.",
    .capabilities = capabilities,
    .create_schema = create_schema,
    .update_schema = update_schema,
    .binding_schema = binding_schema,
    .validate = validate,
    .plan = plan,
    .bootstrap = bootstrap,
    .join = join,
    .leave = leave,
    .health = health,
    .credentials = credentials,
    .revoke = revoke,
    .configure = configure,
    .destroy = destroy,
    .ops = operations,
    .nops = OPERATIONS,
};

static imp_status init(const imp_host *offered, imp_call *call) {
    (void)call;
    host = offered;
    return IMP_OK;
}

static const imp_type *const types[] = {&etcd};

static const imp_plugin plugin = {
    .struct_size = sizeof(imp_plugin),
    .abi_minor = IMP_ABI_MINOR,
    .id = "etcd",
    .version = "0.1.0",
    .vendor = "Impresario samples",
    .license = "Apache-2.0",
    .packages = packages,
    .types = types,
    .ntypes = 1,
    .init = init,
};

IMP_EXPORT const imp_plugin *imp_plugin_v0(uint32_t host_minor) {
    (void)host_minor;
    return &plugin;
}
