# Installing what a command of ./dev is missing. Sourced by ./dev, which defines say and die.
# shellcheck shell=sh

is_root() {
    [ "$(id -u)" = 0 ]
}

as_root() {
    if is_root; then "$@"; else sudo "$@"; fi
}

can_be_root() {
    is_root || sudo -n true 2>/dev/null || { [ -t 0 ] && command -v sudo >/dev/null; }
}

# A tool counts wherever it comes from; a library must be the distribution's package.
have_package() {
    case $1 in
    ninja-build) command -v ninja ;;
    postgresql) ls /usr/lib/postgresql/*/bin/initdb ;;
    pgbouncer | nginx) command -v "$1" || [ -x "/usr/sbin/$1" ] ;;
    systemd) command -v systemd-analyze ;;
    libclang-rt-*) ls "$(clang -print-resource-dir)"/lib/linux/libclang_rt.fuzzer-* ;;
    lib* | *-dev | ca-certificates)
        dpkg-query -W -f '${db:Status-Status}\n' "$1" | grep -qx installed
        ;;
    *) command -v "$1" ;;
    esac >/dev/null 2>&1
}

# Turns what apt says into a count that goes on in place, or in steps when nobody watches.
show_progress() {
    total='?' count=0 failed=false
    while read -r line; do
        case $line in
        *' newly installed, '*)
            total=${line%% newly installed*}
            total=${total##* }
            ;;
        'Fetched '*) printf '    %s\n' "$line" ;;
        'Setting up '*)
            count=$((count + 1))
            name=${line#Setting up }
            if [ -t 1 ]; then
                printf '\r\033[K    installed %s of %s: %s' "$count" "$total" "${name%%[: ]*}"
            elif [ $((count % 25)) = 0 ] || [ "$count" = "$total" ]; then
                printf '    installed %s of %s\n' "$count" "$total"
            fi
            ;;
        FAILED) failed=true ;;
        esac
    done
    [ ! -t 1 ] || [ "$count" = 0 ] || echo
    [ $failed = false ]
}

run_apt() {
    apt_log=$(mktemp)
    {
        as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 \
            apt-get -q -y -o DPkg::Lock::Timeout=300 --no-install-recommends \
            "$@" </dev/null 2>&1 || echo FAILED
    } | tee "$apt_log" | show_progress && rm "$apt_log" && return
    tail -n 15 "$apt_log" | grep -v '^FAILED$'
    rm "$apt_log"
    return 1
}

update_lists() {
    echo '    fetching the lists of packages (apt-get update)'
    run_apt update
}

install_packages() {
    if apt-get -qq --no-install-recommends --simulate install "$@" >/dev/null 2>&1; then
        # Lists that are too old name packages that the mirrors no longer have.
        run_apt install "$@" || { update_lists && run_apt install "$@"; }
    else
        update_lists && run_apt install "$@"
    fi
}

# The tests start servers of their own: no package shall leave one running on this machine.
cluster_conf=/etc/postgresql-common/createcluster.d/pgparley.conf

forbid_main_cluster() {
    echo '    postgresql: without the cluster on port 5432 that Debian would start'
    echo "    ($cluster_conf, only for this installation)"
    as_root mkdir -p "${cluster_conf%/*}"
    echo 'create_main_cluster = false' | as_root tee "$cluster_conf" >/dev/null
}

stop_service() {
    echo "    $1: its service is stopped and disabled"
    as_root service "$1" stop >/dev/null 2>&1 || :
    as_root systemctl disable "$1" >/dev/null 2>&1 || :
}

# need WHAT PACKAGE…: installs those that are missing, all at once.
need() {
    what=$1
    shift
    missing=
    for package; do
        have_package "$package" || missing="$missing $package"
    done
    [ "$missing" ] || return 0

    by_hand="apt-get update && apt-get install --no-install-recommends$missing"
    say "$what needs packages that are missing here:$missing"
    command -v apt-get >/dev/null ||
        die 'this is neither Debian nor Ubuntu: install them yourself and try again'
    can_be_root || die "no root and no sudo to install them; let somebody run as root:
    $by_hand"

    case $missing in *postgresql*) forbid_main_cluster ;; esac
    # shellcheck disable=SC2086 # a list of names
    install_packages $missing && installed=true || installed=false
    case $missing in *postgresql*) as_root rm -f "$cluster_conf" ;; esac
    [ "$installed" = true ] || die "cannot install them; try as root:
    $by_hand"
    for service in pgbouncer nginx; do
        case $missing in *"$service"*) stop_service "$service" ;; esac
    done
}
