#!/bin/bash
# Start PostgreSQL; make its cluster first where PGDATA holds none. The contract is the official image's.
#
#   POSTGRES_PASSWORD           the superuser's password; required unless POSTGRES_HOST_AUTH_METHOD=trust
#   POSTGRES_USER, POSTGRES_DB  the superuser (postgres) and the first database (named as the superuser)
#   POSTGRES_INITDB_ARGS        more options for initdb; POSTGRES_INITDB_WALDIR, where the WAL goes
#   POSTGRES_HOST_AUTH_METHOD   how clients from elsewhere prove who they are (scram-sha-256)
#   <any of these but the method>_FILE   read the value from this file instead
#   /docker-entrypoint-initdb.d/*.{sh,sql,sql.gz,sql.xz,sql.zst}   run once, in order, in the new cluster
#
# Arguments go to postgres; another program's name runs that program.
set -Eeuo pipefail
shopt -s nullglob

refuse() {
    echo "error: $1" >&2
    exit 1
}

setting() { # NAME DEFAULT: take NAME from the environment or from the file that NAME_FILE names
    local name=$1 file="$1_FILE"
    if [[ -n ${!name:-} && -n ${!file:-} ]]; then refuse "both $name and $file are set; set one of them"; fi
    if [[ -n ${!file:-} ]]; then
        export "$name=$(<"${!file}")"
    else
        export "$name=${!name:-$2}"
    fi
    unset "$file"
}

prepare_directories() {
    mkdir -p "$PGDATA" /var/run/postgresql
    # Whoever is not the owner may not change the mode; postgres itself refuses a bad one.
    chmod 0700 "$PGDATA" 2>/dev/null || true
    chmod 3775 /var/run/postgresql 2>/dev/null || true
    if [[ -n ${POSTGRES_INITDB_WALDIR:-} ]]; then mkdir -p "$POSTGRES_INITDB_WALDIR"; fi
    if [[ $(id -u) == 0 ]]; then
        find "$PGDATA" ${POSTGRES_INITDB_WALDIR:+"$POSTGRES_INITDB_WALDIR"} /var/run/postgresql \
            \! -user postgres -exec chown postgres {} +
    fi
}

lend_a_name() { # initdb asks for the name of its user, and an arbitrary --user has none
    local accounts
    accounts=$(mktemp -d)
    printf 'postgres:x:%s:%s:PostgreSQL:%s:/bin/false\n' "$(id -u)" "$(id -g)" "$PGDATA" >"$accounts/passwd"
    printf 'postgres:x:%s:\n' "$(id -g)" >"$accounts/group"
    export NSS_WRAPPER_PASSWD=$accounts/passwd NSS_WRAPPER_GROUP=$accounts/group LD_PRELOAD=libnss_wrapper.so
}

make_cluster() (
    getent passwd "$(id -u)" >/dev/null || lend_a_name
    # A list of options in one variable is the contract: split it as a shell would.
    eval 'initdb --username="$POSTGRES_USER" --pwfile=<(printf "%s\n" "$POSTGRES_PASSWORD")' \
        '${POSTGRES_INITDB_WALDIR:+--waldir="$POSTGRES_INITDB_WALDIR"}' "$POSTGRES_INITDB_ARGS"
    rm -rf "${NSS_WRAPPER_PASSWD:+$(dirname "$NSS_WRAPPER_PASSWD")}"
)

let_clients_in() {
    local method=${POSTGRES_HOST_AUTH_METHOD:-$(postgres -C password_encryption "$@")}
    printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"
}

start_privately() { # answers on its socket only, so that nobody takes it for the finished server
    NOTIFY_SOCKET='' pg_ctl start --wait --pgdata "$PGDATA" --options \
        "$(printf '%q ' "$@" -c listen_addresses= -p "${PGPORT:-5432}")"
}

run_sql() { # the name that initialisation scripts of the official image may use is docker_process_sql
    PGHOST='' PGHOSTADDR='' psql --set ON_ERROR_STOP=1 --no-password --no-psqlrc \
        --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" "$@"
}
docker_process_sql() { run_sql "$@"; }

make_database() {
    if [[ -n $(run_sql --dbname postgres --tuples-only --set name="$POSTGRES_DB" \
        <<<"select 1 from pg_database where datname = :'name'") ]]; then return; fi
    run_sql --dbname postgres --set name="$POSTGRES_DB" <<<'create database :"name"'
}

run_initialisation_files() {
    local file
    for file in /docker-entrypoint-initdb.d/*; do
        echo "$0: running $file"
        case $file in
            *.sh) if [[ -x $file ]]; then "$file"; else . "$file"; fi ;;
            *.sql) run_sql --file "$file" ;;
            *.sql.gz) gunzip -c "$file" | run_sql ;;
            *.sql.xz) xzcat "$file" | run_sql ;;
            *.sql.zst) zstd -dc "$file" | run_sql ;;
            *) echo "$0: ignoring $file" ;;
        esac
    done
}

initialise() { # OPTIONS OF POSTGRES
    if [[ -z $POSTGRES_PASSWORD && ${POSTGRES_HOST_AUTH_METHOD:-} != trust ]]; then
        refuse "the superuser has no password; set POSTGRES_PASSWORD, or POSTGRES_HOST_AUTH_METHOD=trust"
    fi
    make_cluster
    let_clients_in "$@"
    export PGPASSWORD=$POSTGRES_PASSWORD
    start_privately "$@"
    make_database
    run_initialisation_files
    pg_ctl stop --wait --mode fast --pgdata "$PGDATA"
    unset PGPASSWORD
    printf '\nPostgreSQL init process complete; ready for start up.\n\n'
}

wants_an_answer() { # the options that make postgres print something and leave
    local argument
    for argument; do
        case $argument in -'?' | --help | --describe-config | -V | --version) return 0 ;; esac
    done
    return 1
}

if [[ ${1:-} == -* ]]; then set -- postgres "$@"; fi

if [[ ${1:-} == postgres ]] && ! wants_an_answer "$@"; then
    # As root, while it is root: a secret's file need not be postgres's to read.
    setting POSTGRES_PASSWORD ''
    setting POSTGRES_USER postgres
    setting POSTGRES_DB "$POSTGRES_USER"
    setting POSTGRES_INITDB_ARGS ''
    prepare_directories
    if [[ $(id -u) == 0 ]]; then
        export HOME=/var/lib/postgresql
        exec setpriv --reuid postgres --regid postgres --init-groups "$BASH_SOURCE" "$@"
    fi
    if [[ -s $PGDATA/PG_VERSION ]]; then
        printf '\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n'
    else
        initialise "${@:2}"
    fi
fi

exec "$@"
