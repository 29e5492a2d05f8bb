#!/bin/sh
# Start Redis or Valkey, as its own user where the container's user is root. The contract is the official image's.
#
# Arguments go to the server: options, or a configuration file and options; another program's name runs that.
set -eu

case ${1:-} in
    -* | *.conf) set -- redis-server "$@" ;;
    valkey-server)
        shift
        set -- redis-server "$@"
        ;;
esac

if [ "${1:-}" = redis-server ] && [ "$(id -u)" = 0 ] && [ -z "${SKIP_DROP_PRIVS:-}" ]; then
    find . \! -user "$ENGINE" -exec chown "$ENGINE" {} +
    exec setpriv --reuid "$ENGINE" --regid "$ENGINE" --clear-groups "$0" "$@"
fi

# What the server writes is nobody else's, unless the operator chose a mask.
if [ "$(umask)" = 0022 ]; then umask 0077; fi

# The official server is built to answer beyond its own host; Debian's has to be told so.
if [ "${1:-}" = redis-server ]; then
    shift
    case ${1:-} in
        -v | --version | -h | --help | --test-memory | --check-system) ;;
        '' | -*) set -- --protected-mode no "$@" ;;
        *) grep -qi '^[[:space:]]*protected-mode' "$1" 2>/dev/null || set -- "$@" --protected-mode no ;;
    esac
    set -- redis-server "$@"
fi

exec "$@"
