#!/bin/sh
# Puts the built programs and the system's files in their places. Run by an administrator, or by a package build into a folder of its own.
#
#   install.sh [--destdir DIR] [--from DIR] client|gateway|all
#
#   --destdir DIR  everything goes below DIR, as for a package; without it into this system
#   --from DIR     folder of the built programs (target/release)
#
# Starts nothing, makes no accounts, overwrites no profile: it says at the end what is left to do.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
destdir='' from="$here/../../target/release" what=''
die() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }
while [ $# -gt 0 ]; do
  case "$1" in
    --destdir) [ $# -ge 2 ] || die "--destdir needs a folder"; destdir=${2%/}; shift ;;
    --from) [ $# -ge 2 ] || die "--from needs a folder"; from=$2; shift ;;
    client | gateway | all) what=$1 ;;
    *) die "unknown: $1 (client, gateway, all, --destdir DIR, --from DIR)" ;;
  esac
  shift
done
[ -n "$what" ] || die "say what: client, gateway or all"
[ -n "$destdir" ] || [ "$(id -u)" = 0 ] || die "into this system only root can install; for a folder: --destdir DIR"

# put MODE FILE PLACE: never through a link that somebody left at the place.
put() {
  [ -f "$2" ] || die "$2 is missing"
  mkdir -p "$destdir$(dirname "$3")"
  rm -f "$destdir$3"
  install -m "$1" "$2" "$destdir$3"
}

client() {
  put 0755 "$from/kv-flexnet-service" /usr/sbin/kv-flexnet-service
  put 0755 "$from/kv-flexnet" /usr/bin/kv-flexnet
  put 0755 "$from/kv-flexnet-diagnose" /usr/bin/kv-flexnet-diagnose
  if [ -f "$from/kv-flexnet-desktop" ]; then
    put 0755 "$from/kv-flexnet-desktop" /usr/bin/kv-flexnet-desktop
    put 0644 "$here/../../src-tauri/icons/128x128.png" /usr/share/icons/hicolor/128x128/apps/kv-flexnet-desktop.png
    entry=$(mktemp)
    sed -e 's/{{exec}}/kv-flexnet-desktop/g; s/{{icon}}/kv-flexnet-desktop/g' \
      -e 's/{{comment}}/Meldet am Mitgliederportal der KV durch eine geschützte Verbindung an/' \
      "$here/../../src-tauri/linux/kv-flexnet.desktop" > "$entry"
    put 0644 "$entry" /usr/share/applications/kv-flexnet-desktop.desktop
    rm -f "$entry"
    # Links kv-flexnet:// of a browser find the application by this list; where no desktop keeps one, there is none.
    [ -n "$destdir" ] || ! command -v update-desktop-database >/dev/null || update-desktop-database -q /usr/share/applications
  fi
  put 0644 "$here/systemd/kv-flexnet-service.service" /usr/lib/systemd/system/kv-flexnet-service.service
  put 0644 "$here/sysusers.d/kv-flexnet.conf" /usr/lib/sysusers.d/kv-flexnet.conf
  put 0644 "$here/tmpfiles.d/kv-flexnet.conf" /usr/lib/tmpfiles.d/kv-flexnet.conf
  mkdir -p "$destdir/etc/kv-flexnet"
}

gateway() {
  put 0755 "$from/kv-flexnet-gateway" /usr/sbin/kv-flexnet-gateway
  put 0644 "$here/systemd/kv-flexnet-gateway.service" /usr/lib/systemd/system/kv-flexnet-gateway.service
  put 0644 "$here/systemd/kv-flexnet-anchor.service" /usr/lib/systemd/system/kv-flexnet-anchor.service
  put 0644 "$here/sysusers.d/kv-flexnet-gateway.conf" /usr/lib/sysusers.d/kv-flexnet-gateway.conf
  put 0644 "$here/tmpfiles.d/kv-flexnet-gateway.conf" /usr/lib/tmpfiles.d/kv-flexnet-gateway.conf
  put 0644 "$here/sysctl.d/60-kv-flexnet-gateway.conf" /usr/lib/sysctl.d/60-kv-flexnet-gateway.conf
}

umask 022
case "$what" in client | all) client ;; esac
case "$what" in gateway | all) gateway ;; esac
put 0644 "$here/README.md" /usr/share/doc/kv-flexnet/README.md
[ -z "$destdir" ] || exit 0
cat <<'END'
The files are in place. What is left:
  systemd-sysusers && systemd-tmpfiles --create && systemctl daemon-reload
  client:   install -m 644 profile.toml /etc/kv-flexnet/profile.toml
            systemctl enable --now kv-flexnet-service
  gateway:  runuser -u kv-flexnet-gateway -- kv-flexnet-gateway init --dir /var/lib/kv-flexnet-gateway ...
            sysctl --system && systemctl enable --now kv-flexnet-gateway
END
