/*
 * The demo's directory and what is in it.
 *
 *     prepare: locate → as owner: claim → reuse, or create (initdb, start, load) → write config
 *     remove:  locate → as owner: claim → stop → remove files → remove the directory
 *
 * The last thing that a load does is to write a fingerprint of everything it was made from into
 * the comment of the database. A cluster that does not start or does not show that fingerprint is
 * half-made, broken or of another version, and is made anew.
 */
#include "app/demo_cluster.h"

#include "app/demo_postgres.h"
#include "app/demo_sample.h"
#include "app/demo_show.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <inttypes.h>
#include <jansson.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <talloc.h>
#include <unistd.h>

struct place {
    struct demo_cluster cluster; /* what the caller sees */
    struct demo_postgres postgres;
    char *directory;
    char *marker;
    const char *user;  /* who runs the demo */
    const char *owner; /* who runs PostgreSQL */
    uid_t owner_uid;
    gid_t owner_gid;
};

static const char marker_text[] =
    "This directory belongs to `pgparley demo`; `pgparley demo --clean` removes it.\n";

/* A demo's data can be made again, so durability is traded for speed; jit costs more than it gains
 * on a database this small. */
static const char settings[] = "\nlisten_addresses = ''\n"
                               "port = " DEMO_PORT "\n"
                               "unix_socket_directories = '%s'\n"
                               "unix_socket_permissions = 0700\n"
                               "max_connections = 40\n"
                               "shared_buffers = 64MB\n"
                               "max_wal_size = 256MB\n"
                               "wal_level = minimal\n"
                               "max_wal_senders = 0\n"
                               "synchronous_commit = off\n"
                               "jit = off\n"
                               "timezone = 'UTC'\n";

static const char authentication[] = "local all all peer map=demo\n";

/* The role may read the secrets too: that they stay hidden is pgparley's doing in the demo.
 * Its quiet log allows pgparley to ask the server for its own analysis of each statement. */
static const char role_sql[] =
    "DO $$ BEGIN CREATE ROLE " DEMO_ROLE
    " LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
    "ALTER ROLE " DEMO_ROLE " SET log_min_messages = fatal;"
    "REVOKE TEMPORARY ON DATABASE " DEMO_DATABASE " FROM PUBLIC;"
    "REVOKE CREATE ON SCHEMA public FROM PUBLIC;"
    "GRANT USAGE ON SCHEMA public, analytics TO " DEMO_ROLE ";"
    "GRANT SELECT ON ALL TABLES IN SCHEMA public, analytics TO " DEMO_ROLE ";";

static const char config_text[] = "# Written anew by every run of `pgparley demo`.\n"
                                  "database:\n"
                                  "  host: %s\n"
                                  "  port: " DEMO_PORT "\n"
                                  "  database: " DEMO_DATABASE "\n"
                                  "  username: " DEMO_ROLE "\n"
                                  "  pool_size: 4\n"
                                  "  max_overflow: 2\n"
                                  "  pool_timeout: 10\n"
                                  "  connection_timeout: 5000 # milliseconds\n"
                                  "\n"
                                  "security:\n"
                                  "  allowed_schemas: [public, analytics]\n"
                                  "  blocked_tables: [users, passwords, api_keys]\n"
                                  "  max_rows_returned: 200\n";

/* FNV-1a: tells texts apart, protects against nothing. */
#define HASH_START UINT64_C(14695981039346656037)
static uint64_t hash_text(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return hash;
}

/* "could not <verb> "<path>": <reason of errno>". */
static bool file_error(struct place *place, const char *verb, const char *path,
    struct error **ret_err)
{
    struct error *error =
        error_create(place, ERROR_INTERNAL, "could not %s \"%s\": %s", verb, path, strerror(errno));
    if (errno == EACCES)
        error_hint(error, "user %s needs access to this path", place->owner);
    return error_raise(ret_err, error);
}

/* Creates every missing directory above `path`. */
static void create_parents(const void *ctx, const char *path)
{
    char *parent = talloc_strdup(ctx, path);
    for (char *slash = strchr(parent + (parent[0] == '/'), '/'); slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(parent, 0755);
        *slash = '/';
    }
    talloc_free(parent);
}

static bool find_people(struct place *place, struct error **ret_err)
{
    struct passwd *me = getpwuid(geteuid());
    if (!me) {
        struct error *error =
            error_create(place, ERROR_INTERNAL, "user id %u has no name", (unsigned)geteuid());
        return error_raise(ret_err,
            error_hint(error, "PostgreSQL needs an entry in /etc/passwd for its owner"));
    }
    place->user = talloc_strdup(place, me->pw_name);
    if (geteuid() == 0) {
        me = getpwnam("postgres");
        me = me ? me : getpwnam("nobody");
    }
    if (!me)
        return error_raise(ret_err,
            error_create(place, ERROR_INTERNAL, "there is no user postgres or nobody to run as"));
    place->owner = talloc_strdup(place, me->pw_name);
    place->owner_uid = me->pw_uid;
    place->owner_gid = me->pw_gid;
    return true;
}

static char *default_directory(struct place *place)
{
    if (geteuid() == 0)
        return talloc_strdup(place, "/var/lib/pgparley/demo");
    const char *data = getenv("XDG_DATA_HOME");
    if (data && data[0] == '/')
        return talloc_asprintf(place, "%s/pgparley/demo", data);
    const char *home = getenv("HOME");
    if (!home || home[0] != '/')
        home = getpwuid(geteuid())->pw_dir;
    return talloc_asprintf(place, "%s/.local/share/pgparley/demo", home);
}

/* The socket's name must fit into a sockaddr_un and needs no quotes in lists of directories. */
static char *socket_directory(struct place *place)
{
    struct sockaddr_un address;
    char *directory = talloc_asprintf(place, "%s/run", place->directory);
    size_t len = strlen(directory) + strlen("/.s.PGSQL." DEMO_PORT);
    if (len < sizeof address.sun_path && !strpbrk(directory, "',\"\\\n"))
        return directory;
    return talloc_asprintf(place, "/tmp/pgparley-demo-%u-%08" PRIx32, (unsigned)place->owner_uid,
        (uint32_t)hash_text(HASH_START, place->directory));
}

/* Works out every path. Creates the directory if `create`; else `directory` stays NULL when there
 * is none. */
static struct place *locate(const void *ctx, const char *directory, bool create,
    struct error **ret_err)
{
    struct place *place = talloc_zero(ctx, struct place);
    if (!find_people(place, ret_err))
        return NULL;
    char *path = directory ? talloc_strdup(place, directory) : default_directory(place);
    if (create) {
        create_parents(place, path);
        if (mkdir(path, 0700) == 0) {
            if (geteuid() == 0 && lchown(path, place->owner_uid, place->owner_gid) < 0)
                return file_error(place, "give away", path, ret_err), NULL;
        } else if (errno != EEXIST) {
            return file_error(place, "create directory", path, ret_err), NULL;
        }
    }
    char *real = realpath(path, NULL);
    if (!real && !create && errno == ENOENT)
        return place;
    if (!real)
        return file_error(place, "find directory", path, ret_err), NULL;
    place->directory = talloc_strdup(place, real);
    free(real);
    place->marker = talloc_asprintf(place, "%s/pgparley-demo.txt", place->directory);
    place->postgres = (struct demo_postgres){
        .data = talloc_asprintf(place, "%s/data", place->directory),
        .socket = socket_directory(place),
        .log = talloc_asprintf(place, "%s/server.log", place->directory),
    };
    place->cluster = (struct demo_cluster){
        .directory = place->directory,
        .socket = place->postgres.socket,
        .config = talloc_asprintf(place, "%s/pgparley.yaml", place->directory),
    };
    return place;
}

/* Does the work as the owner: when we are root, root touches nothing in a directory that others
 * may write to. */
static bool as_owner(struct place *place, bool (*work)(struct place *, struct error **),
    struct error **ret_err)
{
    if (geteuid() != 0)
        return work(place, ret_err);
    gid_t groups[256], own_group = getegid();
    int group_count = getgroups(sizeof groups / sizeof *groups, groups);
    if (group_count < 0 || initgroups(place->owner, place->owner_gid) < 0 ||
        setegid(place->owner_gid) < 0 || seteuid(place->owner_uid) < 0)
        return error_raise(ret_err,
            error_create(place, ERROR_INTERNAL, "could not become user %s: %s", place->owner,
                strerror(errno)));
    bool done = work(place, ret_err);
    if (seteuid(0) < 0 || setegid(own_group) < 0 || setgroups((size_t)group_count, groups) < 0)
        abort();
    return done;
}

static bool write_file(struct place *place, const char *path, int flags, const char *text,
    struct error **ret_err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | flags, 0600);
    if (fd < 0)
        return file_error(place, "open", path, ret_err);
    size_t len = strlen(text);
    bool written = write(fd, text, len) == (ssize_t)len;
    if (close(fd) < 0 || !written)
        return file_error(place, "write", path, ret_err);
    return true;
}

static bool is_empty_directory(const char *path)
{
    DIR *directory = opendir(path);
    if (!directory)
        return false;
    int entries = 0;
    while (entries < 3 && readdir(directory))
        entries++;
    closedir(directory);
    return entries == 2; /* . and .. */
}

static int close_on_free(int *fd)
{
    return close(*fd);
}

/* Makes sure that the directory is ours and that no other demo works in it until `place` goes. */
static bool claim(struct place *place, struct error **ret_err)
{
    int *lock = talloc(place, int);
    *lock = open(place->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*lock < 0)
        return file_error(place, "open", place->directory, ret_err);
    talloc_set_destructor(lock, close_on_free);
    if (flock(*lock, LOCK_EX | LOCK_NB) < 0) {
        struct error *error = error_create(place, ERROR_UNAVAILABLE,
            "another pgparley demo works in \"%s\"", place->directory);
        return error_raise(ret_err, error_hint(error, "try again when it is done"));
    }
    if (access(place->marker, F_OK) == 0)
        return true;
    if (is_empty_directory(place->directory))
        return write_file(place, place->marker, O_EXCL, marker_text, ret_err);
    struct error *error = error_create(place, ERROR_CONFIG, "directory \"%s\" holds something else",
        place->directory);
    error_detail(error, "it is not empty and was not made by pgparley demo");
    return error_raise(ret_err, error_hint(error, "name an empty or a new directory"));
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status, (void)type, (void)walk;
    return remove(path);
}

static bool remove_tree(struct place *place, const char *path, struct error **ret_err)
{
    if (nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) < 0 && errno != ENOENT)
        return file_error(place, "remove", path, ret_err);
    return true;
}

/* In /tmp somebody else may have been there first. */
static bool create_socket_directory(struct place *place, struct error **ret_err)
{
    const char *path = place->postgres.socket;
    struct stat status;
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return file_error(place, "create directory", path, ret_err);
    if (lstat(path, &status) < 0)
        return file_error(place, "examine", path, ret_err);
    if (S_ISDIR(status.st_mode) && status.st_uid == geteuid() && !(status.st_mode & 077))
        return true;
    struct error *error = error_create(place, ERROR_INTERNAL, "\"%s\" is not private", path);
    error_detail(error, "it must be a directory of user %s with mode 0700", place->owner);
    return error_raise(ret_err, error_hint(error, "remove it and try again"));
}

/* The texts that the cluster is made from; they name its paths and people. */
static char *settings_text(struct place *place)
{
    return talloc_asprintf(place, settings, place->postgres.socket);
}

static char *identities_text(struct place *place)
{
    return talloc_asprintf(place,
        "demo \"%s\" postgres\ndemo \"%s\" " DEMO_ROLE "\ndemo \"%s\" " DEMO_ROLE "\n",
        place->owner, place->owner, place->user);
}

static char *fingerprint(struct place *place)
{
    const char *const parts[] = {demo_sample_sql, role_sql, authentication, settings_text(place),
        identities_text(place)};
    uint64_t hash = HASH_START;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        hash = hash_text(hash, parts[i]);
    return talloc_asprintf(place, "pgparley demo %016" PRIx64, hash);
}

static int finish_on_free(PGconn **conn)
{
    PQfinish(*conn);
    return 0;
}

/* A connection as superuser under `place`; also when it failed, for its message. */
static PGconn **connect_to(struct place *place, const char *database)
{
    const char *const names[] = {"host", "port", "dbname", "user", "connect_timeout", "options",
        "application_name", NULL};
    const char *const values[] = {place->postgres.socket, DEMO_PORT, database, "postgres", "10",
        "-c statement_timeout=120s -c client_min_messages=warning", "pgparley demo", NULL};
    PGconn **conn = talloc(place, PGconn *);
    *conn = PQconnectdbParams(names, values, 0);
    talloc_set_destructor(conn, finish_on_free);
    return conn;
}

static bool execute(struct place *place, PGconn *conn, const char *sql, struct error **ret_err)
{
    PGresult *result = PQexec(conn, sql);
    ExecStatusType status = PQresultStatus(result);
    PQclear(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
        return true;
    struct error *error =
        error_create(place, ERROR_UNAVAILABLE, "could not load the sample database");
    return error_raise(ret_err, error_detail(error, "%s", PQerrorMessage(conn)));
}

static bool is_whole(struct place *place)
{
    PGconn **conn = connect_to(place, DEMO_DATABASE);
    PGresult *result =
        PQexec(*conn, "SELECT shobj_description(oid, 'pg_database') FROM pg_database "
                      "WHERE datname = current_database()");
    bool whole =
        PQntuples(result) == 1 && strcmp(PQgetvalue(result, 0, 0), fingerprint(place)) == 0;
    PQclear(result);
    talloc_free(conn);
    return whole;
}

static bool load(struct place *place, struct error **ret_err)
{
    PGconn **conn = connect_to(place, "postgres");
    bool created = execute(place, *conn, "CREATE DATABASE " DEMO_DATABASE, ret_err);
    talloc_free(conn);
    if (!created)
        return false;
    conn = connect_to(place, DEMO_DATABASE);
    char *seal =
        talloc_asprintf(place, "COMMENT ON DATABASE " DEMO_DATABASE " IS '%s'", fingerprint(place));
    bool loaded = execute(place, *conn, demo_sample_sql, ret_err) &&
                  execute(place, *conn, role_sql, ret_err) && execute(place, *conn, seal, ret_err);
    talloc_free(conn);
    return loaded;
}

static bool create(struct place *place, struct error **ret_err)
{
    struct demo_postgres *postgres = &place->postgres;
    if (!demo_postgres_stop(postgres, place, ret_err) ||
        !remove_tree(place, postgres->data, ret_err) ||
        !remove_tree(place, postgres->socket, ret_err) || !create_socket_directory(place, ret_err))
        return false;
    unlink(postgres->log);

    demo_show_step("create a private PostgreSQL cluster in %s", place->directory);
    char *path = postgres->data;
    if (!demo_postgres_init(postgres, place, ret_err) ||
        !write_file(place, talloc_asprintf(place, "%s/postgresql.conf", path), O_APPEND,
            settings_text(place), ret_err) ||
        !write_file(place, talloc_asprintf(place, "%s/pg_hba.conf", path), O_TRUNC, authentication,
            ret_err) ||
        !write_file(place, talloc_asprintf(place, "%s/pg_ident.conf", path), O_TRUNC,
            identities_text(place), ret_err))
        return false;
    demo_show_step_done();

    demo_show_step("start it (unix socket only, no network)");
    if (!demo_postgres_start(postgres, place, ret_err))
        return false;
    demo_show_step_done();

    demo_show_step("load the sample database (210,000 rows)");
    if (!load(place, ret_err))
        return false;
    demo_show_step_done();
    return true;
}

/* Whether the cluster of an earlier run is there, up and whole. */
static bool reuse(struct place *place)
{
    char *version = talloc_asprintf(place, "%s/PG_VERSION", place->postgres.data);
    if (access(version, F_OK) < 0)
        return false;
    struct error *ignored;
    demo_show_step("use the cluster in %s", place->directory);
    bool whole = demo_postgres_start(&place->postgres, place, &ignored) && is_whole(place);
    if (whole)
        demo_show_step_done();
    else
        demo_show_step_failed("it is incomplete or of another version: make it anew");
    return whole;
}

static bool write_config(struct place *place, struct error **ret_err)
{
    json_t *socket = json_string(place->postgres.socket);
    char *quoted = json_dumps(socket, JSON_ENCODE_ANY); /* a JSON string is a YAML string */
    char *text = talloc_asprintf(place, config_text, quoted ? quoted : "");
    free(quoted);
    json_decref(socket);
    return write_file(place, place->cluster.config, O_TRUNC, text, ret_err);
}

static bool prepare(struct place *place, struct error **ret_err)
{
    if (!claim(place, ret_err) || !create_socket_directory(place, ret_err))
        return false;
    place->postgres.programs = demo_postgres_find(place);
    if (!place->postgres.programs) {
        struct error *error =
            error_create(place, ERROR_UNAVAILABLE, "PostgreSQL's server is not installed");
        error_detail(error, "there is no initdb where pg_config --bindir, "
                            "/usr/lib/postgresql/*/bin, /usr/pgsql-*/bin and PATH lead to");
        return error_raise(ret_err,
            error_hint(error, "install the package postgresql (Debian, Ubuntu) or "
                              "postgresql-server (Fedora, RHEL) and run the demo again"));
    }
    return (reuse(place) || create(place, ret_err)) && write_config(place, ret_err);
}

const struct demo_cluster *demo_cluster_prepare(const void *ctx, const char *directory,
    struct error **ret_err)
{
    struct place *place = locate(ctx, directory, true, ret_err);
    if (!place || !as_owner(place, prepare, ret_err))
        return NULL;
    return &place->cluster;
}

static bool empty(struct place *place, struct error **ret_err)
{
    if (!claim(place, ret_err) || !demo_postgres_stop(&place->postgres, place, ret_err) ||
        !remove_tree(place, place->postgres.data, ret_err) ||
        !remove_tree(place, place->postgres.socket, ret_err))
        return false;
    unlink(place->postgres.log);
    unlink(place->cluster.config);
    unlink(place->marker);
    return true;
}

bool demo_cluster_remove(const void *ctx, const char *directory, struct error **ret_err)
{
    struct place *place = locate(ctx, directory, false, ret_err);
    if (!place)
        return false;
    if (!place->directory) {
        demo_show_text("There is no demo cluster to remove.");
        return true;
    }
    demo_show_step("stop and remove the cluster in %s", place->directory);
    if (!as_owner(place, empty, ret_err))
        return false;
    if (rmdir(place->directory) < 0)
        return file_error(place, "remove directory", place->directory, ret_err);
    demo_show_step_done();
    return true;
}
