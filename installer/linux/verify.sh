#!/bin/sh
# Checks an installation: every file, its mode, that nobody but root could change it, and the units. Changes nothing.
#
#   verify.sh [--root DIR] client|gateway|all
#
# Ends with 0 if all is well; otherwise it names each thing that is not.
set -eu

root='' what='' bad=0
die() { printf 'verify.sh: %s\n' "$*" >&2; exit 2; }
while [ $# -gt 0 ]; do
  case "$1" in
    --root) [ $# -ge 2 ] || die "--root needs a folder"; root=${2%/}; shift ;;
    client | gateway | all) what=$1 ;;
    *) die "unknown: $1 (client, gateway, all, --root DIR)" ;;
  esac
  shift
done
[ -n "$what" ] || die "say what: client, gateway or all"

wrong() { bad=$((bad + 1)); printf 'wrong: %s\n' "$*"; }

# has MODE PLACE: a plain file with exactly this mode; on a live system it is root's, and so are the folders above it.
has() {
  file=$root$2
  if [ -L "$file" ] || [ ! -f "$file" ]; then wrong "$2 is missing or no plain file"; return; fi
  mode=$(stat -c %a "$file")
  [ "$mode" = "$1" ] || wrong "$2 has mode $mode, not $1"
  [ -s "$file" ] || wrong "$2 is empty"
  if [ -z "$root" ]; then
    above=$file
    while [ "$above" != / ]; do
      [ "$(stat -L -c %u "$above")" = 0 ] || wrong "$above does not belong to root"
      [ -z "$(find "$above" -maxdepth 0 ! -type l -perm /022)" ] || wrong "$above can be written by others"
      above=$(dirname "$above")
    done
  fi
}

# unit NAME MEASURE: systemd understands it, and it keeps its fences. MEASURE is the most that `systemd-analyze security` may say, in tenths.
unit() {
  file=$root/usr/lib/systemd/system/$1
  [ -f "$file" ] || return 0
  for line in NoNewPrivileges=yes ProtectSystem=strict PrivateTmp=yes; do
    grep -qxF "$line" "$file" || wrong "$1 lacks $line"
  done
  grep -qxF -e "DeviceAllow=/dev/net/tun rw" -e PrivateDevices=yes "$file" || wrong "$1 may use every device"
  if ! command -v systemd-analyze >/dev/null; then
    printf 'note: there is no systemd-analyze here, so %s was not checked by it\n' "$1"
    return 0
  fi
  # A staged tree has only our units: they are looked at among those of this system, with stand-ins for the programs.
  place=
  if [ -n "$root" ]; then
    place=$(mktemp -d)
    mkdir -p "$place/usr/lib/systemd/system" "$place/usr/sbin" "$place/bin"
    cp -a /usr/lib/systemd/system/. "$root/usr/lib/systemd/system/." "$place/usr/lib/systemd/system/"
    for program in "$root"/usr/sbin/*; do install -m 755 /dev/null "$place/usr/sbin/${program##*/}"; done
    install -m 755 /dev/null "$place/bin/kill"
  fi
  said=$(systemd-analyze verify --man=no ${place:+--root="$place"} "$1" 2>&1 | grep -F "$1:") || said=
  measure=$(systemd-analyze security --offline=true --threshold="$2" ${place:+--root="$place"} "$1" 2>&1) ||
    wrong "systemd-analyze security: $(printf '%s\n' "$measure" | tail -n 1)"
  [ -z "$place" ] || rm -rf "$place"
  [ -z "$said" ] || wrong "systemd-analyze: $said"
}

client() {
  has 755 /usr/sbin/kv-flexnet-service
  has 755 /usr/bin/kv-flexnet
  has 755 /usr/bin/kv-flexnet-diagnose
  has 644 /usr/lib/systemd/system/kv-flexnet-service.service
  has 644 /usr/lib/sysusers.d/kv-flexnet.conf
  has 644 /usr/lib/tmpfiles.d/kv-flexnet.conf
  [ -d "$root/etc/kv-flexnet" ] || wrong "/etc/kv-flexnet is missing"
  if [ -e "$root/usr/bin/kv-flexnet-desktop" ]; then
    has 755 /usr/bin/kv-flexnet-desktop
    has 644 /usr/share/applications/kv-flexnet-desktop.desktop
    grep -qx 'MimeType=x-scheme-handler/kv-flexnet;' "$root/usr/share/applications/kv-flexnet-desktop.desktop" || wrong "the menu entry does not take the browser's links"
    has 644 /usr/share/icons/hicolor/128x128/apps/kv-flexnet-desktop.png
  fi
  unit kv-flexnet-service.service 25
  # The file alone would be read-only as soon as another program replaces it.
  unit=$root/usr/lib/systemd/system/kv-flexnet-service.service
  [ ! -f "$unit" ] || grep -qxF ReadWritePaths=/etc "$unit" || wrong "kv-flexnet-service.service lacks ReadWritePaths=/etc"
  # Without a folder that everybody may look into nobody can tell why a dead service died.
  for line in LogsDirectory=kv-flexnet LogsDirectoryMode=0755; do
    [ ! -f "$unit" ] || grep -qxF "$line" "$unit" || wrong "kv-flexnet-service.service lacks $line"
  done
  if [ -z "$root" ]; then
    getent group kv-flexnet >/dev/null || wrong "there is no group kv-flexnet: systemd-sysusers"
    if [ -e /etc/kv-flexnet/profile.toml ]; then has 644 /etc/kv-flexnet/profile.toml
    else printf 'note: there is no profile yet in /etc/kv-flexnet/profile.toml\n'; fi
  fi
}

gateway() {
  has 755 /usr/sbin/kv-flexnet-gateway
  has 644 /usr/lib/systemd/system/kv-flexnet-gateway.service
  has 644 /usr/lib/sysusers.d/kv-flexnet-gateway.conf
  has 644 /usr/lib/tmpfiles.d/kv-flexnet-gateway.conf
  has 644 /usr/lib/sysctl.d/60-kv-flexnet-gateway.conf
  has 644 /usr/lib/systemd/system/kv-flexnet-anchor.service
  unit kv-flexnet-anchor.service 20
  unit kv-flexnet-gateway.service 20
  unit=$root/usr/lib/systemd/system/kv-flexnet-gateway.service
  [ ! -f "$unit" ] || grep -qxF StartLimitIntervalSec=0 "$unit" || wrong "kv-flexnet-gateway.service gives up where its database is down for some seconds: StartLimitIntervalSec=0"
  if [ -z "$root" ]; then
    getent passwd kv-flexnet-gateway >/dev/null || wrong "there is no account kv-flexnet-gateway: systemd-sysusers"
    for file in /var/lib/kv-flexnet-gateway /var/lib/kv-flexnet-gateway/*; do
      [ -e "$file" ] || continue
      [ "$(stat -c %U "$file")" = kv-flexnet-gateway ] || wrong "$file does not belong to kv-flexnet-gateway"
    done
  fi
}

case "$what" in client | all) client ;; esac
case "$what" in gateway | all) gateway ;; esac
has 644 /usr/share/doc/kv-flexnet/README.md
[ "$bad" = 0 ] || { printf '%s wrong\n' "$bad"; exit 1; }
printf 'the installation is as it should be (%s)\n' "$what"
