# in_private_network COMMAND...: in namespaces of its own, with tunnels allowed; an ordinary user by a user namespace, else with sudo. Sourced after ground.sh.
in_private_network() {
  local enter=(unshare --net --mount --pid --fork --mount-proc --kill-child)
  if [ "$(id -u)" != 0 ]; then
    if unshare --user --map-root-user --net ip tuntap add dev probe mode tun 2>/dev/null; then
      enter=(unshare --user --map-root-user "${enter[@]:1}")
    else
      as_root "making namespaces with tunnels" true
      enter=(sudo -n --preserve-env "${enter[@]}")
    fi
  fi
  "${enter[@]}" "$@"
}
