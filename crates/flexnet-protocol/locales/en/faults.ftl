# What the catalogue of faults says: to the member a headline, what it means and what to do; to the desk layer, cause and question.
# One line of -do is one step. That the password was not sent is said by the window itself, where it is known (area 4).
# $named is `yes` where a finding names a product, an adapter or a program, and $subject is that name.

# SafeNetRoute
fault-001-title = This PC is in a practice
fault-001-what = KV-FlexNet is made for single PCs. From a practice’s network the practice’s own way leads to the portal.
fault-001-do =
    In the practice open the portal as usual, by KV-SafeNet or the connector.
    Use KV-FlexNet on a PC that is not in the practice’s network.
fault-001-desk =
    Layer: rule of use. A route to KV-SafeNet or a connector in the PC’s table; only read, nothing searched.
    Cause: the PC is in the practice’s network.
    Ask: is the PC in the practice? Then use KV-SafeNet, or take the PC off that network.

# DomainMember
fault-002-title = Somebody else manages this PC
fault-002-what = KV-FlexNet is made for single PCs. This one is managed by a practice, a clinic or a company.
fault-002-do =
    Ask your IT support whether you may use KV-FlexNet here.
    If not, take a PC of your own.
fault-002-desk =
    Layer: rule of use. Member of a domain (Active Directory, Entra ID) or of device management (MDM).
    Ask: who manages the PC? Agree on an exception and record it.

# SecondNetwork
fault-003-title = This PC has two private networks
fault-003-what = KV-FlexNet is made for PCs in one network. One of the two may belong to a practice.
fault-003-do =
    Disconnect the network that leads to a practice before you sign in.
    If the PC is at home with cable and Wi-Fi, switch one of them off.
fault-003-desk =
    Layer: rule of use. Two adapters with different private networks.
    Ask: which cable or Wi-Fi leads to the practice? Disconnect it, or use KV-SafeNet.

# MobileLine
fault-004-title = You are on a mobile connection
fault-004-what = KV-FlexNet is made for cable and DSL. It may stall on a mobile connection.
fault-004-do =
    If you can, use the line at home or in the practice.
    If it stalls here, look for a place with better reception.
fault-004-desk =
    Layer: rule of use. The way to the internet is a mobile adapter (UMTS, LTE, 5G, surf stick, telephone on USB).
    Ask: is there a fixed line? Change to it.

# PracticeShares
fault-005-title = Folders of other PCs are open
fault-005-what = KV-FlexNet is made for single PCs. Folders of a practice should not be open during a session.
fault-005-do =
    If the folders belong to a practice, disconnect them before you sign in.
    If it is your own storage at home, you need do nothing.
fault-005-desk =
    Layer: rule of use. Shares of a private network are mounted (their kind below, never the name).
    Ask: whose shares are they? One’s own storage at home is fine.

# ClockDrifts
fault-101-title = The PC’s clock is not exact
fault-101-what = It does no harm yet. If it drifts on, signing in will soon stop working.
fault-101-do =
    Set the time to “automatic” in the settings of the PC.
    This takes about 2 minutes.
fault-101-desk =
    Layer: PC, clock. 30 seconds to 5 minutes away from the gateway.
    Cause: time synchronisation off, or long ago.
    Ask: is time synchronisation on?

# ClockWrong
fault-102-title = The PC’s clock is wrong
fault-102-what = Date or time is too far off. The secured connection cannot be checked like this.
fault-102-do =
    Set the time to “automatic” in the settings of the PC.
    Check the date and the time zone too.
    Then sign in again.
fault-102-desk =
    Layer: PC, clock. More than 5 minutes away from the gateway.
    Cause: time synchronisation off, wrong time zone, or an empty backup battery.
    Ask: which date does the PC show? Is the clock wrong again after every power-off?

# SystemUnsupported
fault-103-title = The operating system is too old
fault-103-what = { $named ->
    [yes] “{ $subject }” gets no more security updates from its maker.
   *[other] It gets no more security updates from its maker.
} You can still sign in.
fault-103-do =
    Have a newer operating system set up.
    Ask your IT support about it.
fault-103-desk =
    Layer: PC, operating system. Past its maker’s support; version below.
    Ask: can the PC be upgraded?

# UpdatesWaiting
fault-104-title = Updates are missing on this PC
fault-104-what = Security updates or a restart are waiting. You can sign in all the same.
fault-104-do =
    Install the updates of the operating system.
    Then restart the PC.
fault-104-desk =
    Layer: PC, operating system. Updates or a restart pending.
    Ask: when was the PC last restarted?

# ScannerOff
fault-105-title = The virus scanner is off
fault-105-what = { $named ->
    [yes] “{ $subject }” does not protect this PC, or is out of date.
   *[other] This PC names no virus scanner that is on and up to date.
} You can sign in all the same.
fault-105-do =
    Switch the virus scanner on.
    Let it look for updates.
fault-105-desk =
    Layer: PC, protection. No scanner is on, or signatures are old; products below.
    Ask: which product? Has its licence ended?

# FirewallOff
fault-106-title = The PC’s firewall is off
fault-106-what = { $named ->
    [yes] “{ $subject }” is switched off.
   *[other] No firewall of this PC is switched on.
} You can sign in all the same.
fault-106-do = Switch the firewall on in the security settings of the PC.
fault-106-desk =
    Layer: PC, protection. All firewalls that are named are off.
    Ask: did another product take the firewall over and expire?

# KeyringLocked
fault-107-title = The password was not remembered
fault-107-what = The key store of this PC is locked or absent. You can sign in all the same.
fault-107-do =
    Type the password as usual.
    To have it remembered: sign out of the PC and in again.
fault-107-desk =
    Layer: PC, the user’s key store (Secret Service, Credential Manager).
    Cause: automatic sign-in to the PC without a password, or no key service.
    Ask: does the user sign in to the PC with a password?

# BlockedHere
fault-108-title = A security program blocks KV-FlexNet
fault-108-what = { $named ->
    [yes] This PC itself forbids the connection to your KV, probably by “{ $subject }”.
   *[other] This PC itself forbids the connection to your KV. As a rule a virus scanner or a firewall does that.
}
fault-108-do =
    { $named ->
        [yes] Open “{ $subject }”.
       *[other] Open your security program (virus scanner, firewall).
    }
    Allow KV-FlexNet all connections there.
    If you get stuck, ask your IT support. This takes about 5 minutes.
fault-108-desk =
    Layer: PC, local firewall. The system refuses to send (EPERM, WSAEACCES), or says so from an own address.
    Cause: a rule of the firewall, a virus scanner or a filter driver; known products below.
    Ask: which product, since when? Exempt kv-flexnet-service and kv-flexnet-diagnose.

# DiskFull
fault-110-title = The PC’s disk is full
fault-110-what = Without free space we change nothing on this PC. The connection was not built.
fault-110-do =
    Delete files that you do not need.
    Empty the bin.
    Then sign in again.
fault-110-desk =
    Layer: PC, disk. ENOSPC while writing the journal; the change was not made.
    Ask: how much is free on the system drive?

# StateReadOnly
fault-111-title = KV-FlexNet cannot save anything
fault-111-what = The folder of the program cannot be written. The connection was not built.
fault-111-do =
    Restart the PC and sign in once more.
    If it stays like this, please call.
fault-111-desk =
    Layer: PC, state folder of the service (/var/lib/kv-flexnet).
    Cause: file system read-only, rights changed, or folder deleted.
    Ask: was the PC tidied up or a backup restored?

# SettingsUnsaved
fault-112-title = Your setting was not saved
fault-112-what = It holds only until you quit KV-FlexNet.
fault-112-do =
    Make some room on the PC and set it once more.
    If it stays like this, ask your IT support.
fault-112-desk =
    Layer: PC, the user’s settings.
    Cause: disk full, user folder read-only, or wrong owner.
    Ask: can the user create files in their own folder?

# ResourcesExhausted
fault-113-title = The PC is at its limit
fault-113-what = It cannot open more files and connections. Therefore much does not work.
fault-113-do =
    Close programs that you do not need.
    Restart the PC. This takes about 5 minutes.
fault-113-desk =
    Layer: PC, resources. Fewer than 48 free handles (EMFILE) for this program.
    Cause: limit too small, or a program leaks handles.
    Ask: what else runs? If a restart helps for a short time only, ask for the report.

# HomeUnwritable
fault-114-title = Your own folder takes nothing
fault-114-what = KV-FlexNet cannot store your settings on this PC. The folder is missing or read-only.
fault-114-do =
    Sign out of the PC and in again.
    If it stays like this, ask your IT support.
fault-114-desk =
    Layer: PC, user folder. EROFS, EACCES or missing; kind below.
    Cause: roaming profile not loaded, wrong owner, file system read-only.
    Ask: can the user create files in their own folder?

# NoAdapter
fault-201-title = No network is switched on
fault-201-what = This PC has no active network connection and no active Wi-Fi.
fault-201-do =
    Switch Wi-Fi on, or plug the network cable in.
    See whether flight mode is on.
    Restart the PC if neither helps.
fault-201-desk =
    Layer: PC, network adapter. None there, or none switched on.
    Cause: flight mode, adapter disabled, driver missing.
    Ask: does the device manager show an adapter?

# LinkDown
fault-202-title = The PC is not connected
fault-202-what = The network cable has no contact, or the PC has joined no Wi-Fi.
fault-202-do =
    Push the network cable firmly into PC and router.
    With Wi-Fi: choose your Wi-Fi and connect.
    See whether the router is switched on.
fault-202-desk =
    Layer: local line. The adapter is on, there is no carrier.
    Cause: cable loose or broken, router off, Wi-Fi not joined.
    Ask: is the socket lit? Swap cable and socket.

# NoAddress
fault-203-title = The PC gets no address
fault-203-what = The line is there, but the router gives this PC no address. Without one nothing reaches the internet.
fault-203-do =
    Switch the router off for 10 seconds and wait 5 minutes.
    Restart the PC.
    If it stays like this, ask your IT support.
fault-203-desk =
    Layer: local network, address. Only 169.254/16 or none, no global IPv6 address either.
    Cause: the router’s DHCP off or full, wrong Wi-Fi password, a guest network that blocks.
    Ask: are other devices online at the same router?

# DuplicateAddress
fault-204-title = Two devices have the same address
fault-204-what = Another device in your network uses this PC’s address. Therefore the connection breaks off.
fault-204-do =
    Switch the router off for 10 seconds and wait 5 minutes.
    Restart the PC.
    If it stays like this, ask your IT support.
fault-204-desk =
    Layer: local network, duplicate address (DAD).
    Cause: a fixed IP address in the DHCP range, two DHCP servers.
    Ask: has a device a fixed address? Set it to automatic.

# NoDefaultRoute
fault-205-title = The PC knows no way out
fault-205-what = It is in its own network and does not know where the internet is.
fault-205-do =
    Set the network to “automatic” in the settings of the PC.
    Quit other programs that build a secured connection.
    Restart the PC.
fault-205-desk =
    Layer: local network, route. No default route, neither IPv4 nor IPv6.
    Cause: fixed IP without a gateway, left by a VPN.
    Ask: fixed address? Did a VPN run before? Set to DHCP.

# RouterSilent
fault-206-title = Your router does not answer
fault-206-what = The PC is connected, but the router says nothing.
fault-206-do =
    Switch the router off for 10 seconds.
    Wait 5 minutes and sign in again.
    If it stays like this, call your internet provider.
fault-206-desk =
    Layer: local network, router. No ARP/ND, no answer on TCP 53 and 80, no hop.
    Cause: router hangs, wrong Wi-Fi, guest network with isolation.
    Ask: what do the router’s lights show?

# InternetGone
fault-207-title = Your router has no internet
fault-207-what = All is well up to the router. Nothing behind it answers.
fault-207-do =
    Switch the router off for 10 seconds and wait 5 minutes.
    If it stays like this, call your internet provider.
fault-207-desk =
    Layer: internet. Anchors and gateway (TCP and UDP) silent; the last hop is below.
    Cause: outage at the provider, router without a connection.
    Ask: do other pages work? Is an outage known?

# CaptivePortal
fault-208-title = This network wants a sign-in
fault-208-what = Hotel, clinic or hotspot: the network lets you out only after a sign-in of its own.
fault-208-do =
    Open the browser and any web page.
    Sign in to the network there. Do not type a password of your KV there.
    Then sign in here.
fault-208-desk =
    Layer: internet, captive portal (302, 511 or a foreign page instead of 204).
    Ask: hotel, clinic, hotspot? Sign in with the browser, or take another network.

# ProxyNeeded
fault-209-title = A station in between is needed
fault-209-what = This network lets nobody out directly. Its station in between (a proxy) is not set on this PC.
fault-209-do =
    Ask whoever runs this network how to set it.
    Or try it on another line.
fault-209-desk =
    Layer: local network, proxy. TCP 443 blocked directly, a proxy is announced (WPAD), none is set on the PC.
    Ask: who runs the network? Set the proxy, or allow the gateway on TCP 443.

# ProxyFails
fault-210-title = A station in between stops us
fault-210-what = This network leads to the internet by a station in between only (a proxy). It does not answer, or it does not let us through.
fault-210-do =
    Ask whoever runs this network whether it lets the access of your KV through.
    If you are at home, have your IT support remove the setting.
fault-210-desk =
    Layer: local network, proxy. CONNECT is refused, or the proxy does not answer; nothing gets through directly either.
    Cause: proxy off, wrong address, the proxy’s filter list. Set in /etc/environment or for the service (https_proxy).
    Ask: at home or in the practice? Are the gateway’s name and TCP 443 allowed?

# ProxyWantsPassword
fault-211-title = The way out wants a password
fault-211-what = This network leads to the internet by a station in between only (a proxy), and that wants a sign-in of its own.
fault-211-do =
    Ask whoever runs this network: the access of your KV should be reachable without that sign-in.
    Enter the password of your KV nowhere else.
fault-211-desk =
    Layer: local network, proxy. 407 in answer to CONNECT.
    Cause: a proxy with a sign-in; the settings hold none, or a wrong one.
    Ask: can whoever runs the network allow the gateway on TCP 443?

# LineSlow
fault-212-title = Your line is very slow
fault-212-what = The portal works but loads very slowly.
fault-212-do =
    Stop other downloads and videos.
    Use a cable instead of Wi-Fi.
    If it stays like this, call your internet provider.
fault-212-desk =
    Layer: line. Less than 200 kbit/s measured in one direction (DSL 1000 is the floor); figure below.
    Ask: who else uses the line? Which contract?

# LineLoses
fault-213-title = Your line drops data
fault-213-what = A part of the data is lost on the way. Therefore everything stalls or breaks off.
fault-213-do =
    Use a cable instead of Wi-Fi, or go nearer to the router.
    Switch the router off for 10 seconds.
    If it stays like this, call your internet provider.
fault-213-desk =
    Layer: line. A tenth of the packets or more is lost; figure below.
    Cause: bad Wi-Fi, a full or disturbed line.
    Ask: Wi-Fi or cable? Since when?

# LineDelays
fault-214-title = Your line answers slowly
fault-214-what = Each answer takes long. The portal works but feels sluggish.
fault-214-do =
    Stop other downloads and videos.
    If you are on satellite or mobile, use another line if you can.
fault-214-desk =
    Layer: line. Round trip above 300 ms; figure below.
    Cause: satellite, mobile, an upload that fills the line.
    Ask: what kind of line? Does a backup run?

# OnlyIpv6
fault-215-title = Your line lacks one way
fault-215-what = It knows only the new kind of internet addresses. The bridge to the old kind is missing, so your KV is out of reach.
fault-215-do =
    Switch the router off for 10 seconds and wait 5 minutes.
    If it stays like this, call your internet provider.
fault-215-desk =
    Layer: line. IPv6 only, no NAT64, the gateway not reached by IPv6.
    Cause: DS-Lite or 464XLAT is down.
    Ask: do pages work that have IPv4 only? Provider.

# Ipv6Broken
fault-216-title = Part of your line is down
fault-216-what = We take the other way. You need do nothing.
fault-216-do = Just go on working. If the internet often starts slowly, ask your internet provider.
fault-216-desk =
    Layer: line. IPv6 dead, IPv4 fine; IPv4 is used.
    Fix: the router’s firmware, the provider.

# Ipv4Broken
fault-217-title = Part of your access is down
fault-217-what = We take the other way. You need do nothing for your KV; some web pages may be missing.
fault-217-do = If other web pages do not open, call your internet provider.
fault-217-desk =
    Layer: line. IPv4 dead, IPv6 fine (AFTR, DS-Lite); IPv6 is used.
    Fix: the provider.

# ForeignVpn
fault-218-title = Another program redirects everything
fault-218-what = { $named ->
    [yes] “{ $subject }” sends your connections its own way. Your KV cannot be reached over it.
   *[other] It sends your connections its own way. Your KV cannot be reached over it.
}
fault-218-do =
    { $named ->
        [yes] Quit “{ $subject }”.
       *[other] Quit other programs that build a secured connection.
    }
    Then sign in here.
fault-218-desk =
    Layer: network on the PC. The route to the gateway goes through a foreign tunnel; adapter below.
    Cause: another VPN is active or has crashed.
    Ask: which VPN? Disconnect it, else restart.

# NoNameServers
fault-301-title = The name search is not set
fault-301-what = This PC does not know where to look up internet names. Web pages do not open then.
fault-301-do =
    Set the network to “automatic” in the settings of the PC.
    Restart the PC.
    If it stays like this, ask your IT support.
fault-301-desk =
    Layer: name service. No resolver is set.
    Cause: left by a VPN, fixed settings without DNS.
    Ask: did a VPN run before? Set DNS to automatic.

# NamesSilent
fault-302-title = The name search does not answer
fault-302-what = Your line is up. Whoever looks up internet names here is silent, and web pages do not open.
fault-302-do =
    Switch the router off for 10 seconds and wait 5 minutes.
    If it stays like this, call your internet provider.
fault-302-desk =
    Layer: name service. Resolvers silent over UDP and TCP, or answering nonsense; where they stand is below.
    Ask: is a DNS server set by hand? Restart the router.

# NamesFail
fault-303-title = The name search is disturbed
fault-303-what = Your line is up. Whoever looks up internet names here reports a disturbance of its own.
fault-303-do =
    Wait 10 minutes and then sign in again.
    If it stays like this, switch the router off for 10 seconds.
fault-303-desk =
    Layer: name service. SERVFAIL.
    Cause: trouble at the provider, DNSSEC.
    Ask: do other pages work?

# NameUnknown
fault-304-title = Your KV is not found
fault-304-what = The name search of this network does not know the address of your KV.
fault-304-do =
    Try it on another line.
    If it stays like this, please call.
fault-304-desk =
    Layer: name service. NXDOMAIN for the gateway’s name; whether other names work is below.
    Cause: filter, a zone of the network’s own, outdated profile.
    Ask: only our name? Does it work on another line?

# NamesRefused
fault-305-title = The name search turns us away
fault-305-what = Your line is up. Whoever should look up internet names here refuses to.
fault-305-do =
    Set the network to “automatic” in the settings of the PC.
    Switch the router off for 10 seconds.
    If it stays like this, ask your IT support.
fault-305-desk =
    Layer: name service. REFUSED, or port 53 closed.
    Cause: a foreign DNS server set by hand; the router’s service is dead.
    Ask: is a DNS server set by hand? Set it to automatic.

# NamesFalse
fault-306-title = The name search tells false things
fault-306-what = This network gives a false address for your KV. To be safe we stop.
fault-306-do =
    Try it on another line.
    Do not sign in on this network.
    Please call and tell the code.
fault-306-desk =
    Layer: name service. The answer has none of the profile’s addresses.
    Cause: DNS redirection, a compromised router, a guest network, outdated profile.
    Ask: somebody else’s Wi-Fi? On an own router: check its DNS setting.

# NameBlocked
fault-307-title = A filter blocks your KV
fault-307-what = The name search of this network holds back the address of your KV. Parental and ad filters do that.
fault-307-do =
    Allow the access of your KV in the router or the filter.
    If it stays like this, ask whoever runs this network.
fault-307-desk =
    Layer: name service. Empty answer, 0.0.0.0 or loopback.
    Cause: parental filter, Pi-hole, rebind protection.
    Ask: which filter? Exempt the gateway’s name.

# NamesSlow
fault-308-title = The name search is very slow
fault-308-what = It works, but each page begins with a pause.
fault-308-do =
    Switch the router off for 10 seconds and wait 5 minutes.
    If it stays like this, call your internet provider.
fault-308-desk =
    Layer: name service. First answer after 2 seconds or more.
    Ask: is the first DNS server dead? Check the order.

# NamesTruncated
fault-309-title = The name search answers in part
fault-309-what = Your line is up. The answers arrive only by half.
fault-309-do =
    Switch the router off for 10 seconds and wait 5 minutes.
    If it stays like this, ask your IT support.
fault-309-desk =
    Layer: name service. TC=1, and TCP 53 is closed.
    Cause: the router’s firewall.
    Ask: which router? Allow TCP 53, or firmware.

# HostsFile
fault-310-title = A file redirects your KV
fault-310-what = A false address of your KV stands on this PC. To be safe we stop.
fault-310-do =
    Do not sign in on this PC.
    Please call and tell the code.
fault-310-desk =
    Layer: PC, hosts file. A line gives the gateway’s name a foreign address.
    Cause: set by hand, a test, or malware.
    Ask: who set it? Remove the line; in doubt have the PC checked.

# ForeignNameServer
fault-311-title = A leftover disturbs the name search
fault-311-what = Another program left a setting. So this PC looks up internet names in the wrong place.
fault-311-do =
    Open “Repair” in the menu and clean up.
    Set the network to “automatic” in the settings of the PC.
    Restart the PC.
fault-311-desk =
    Layer: PC, name service. Resolver in a foreign private network, neither the router nor on-link, and it does not answer.
    Cause: left by a VPN.
    Ask: which VPN was there? Set DNS to automatic.

# GatewayRefuses
fault-401-title = Your KV takes no connection
fault-401-what = The access of your KV turns the connection away.
fault-401-do =
    Wait 10 minutes and then sign in again.
    If it stays like this, please call.
fault-401-desk =
    Layer: way to the gateway. TCP 443 is refused (RST).
    Cause: the gateway’s service is down, or a firewall answers in its place.
    Ask: does it work from another line? If not, tell operations.

# GatewaySilent
fault-402-title = Your KV cannot be reached
fault-402-what = No answer from the access of your KV reaches this PC.
fault-402-do =
    See whether other web pages work.
    If not: switch the router off for 10 seconds.
    If other pages work, please call.
fault-402-desk =
    Layer: way to the gateway. TCP 443 stays silent.
    Cause: no internet, a filter in the network (clinic, company), or a dead gateway.
    Ask: do other pages work? Is the PC in somebody else’s network?

# ConnectionCut
fault-403-title = The connection breaks off at once
fault-403-what = Something on the way ends it before your KV answers.
fault-403-do =
    Sign in once more.
    Try it on another line.
    If it stays like this, please call.
fault-403-desk =
    Layer: way to the gateway. The TCP connection ends before the first byte.
    Cause: a firewall that inspects content, or a load balancer without a target.
    Ask: which firewall is in the network? Does it exempt the gateway?

# PacketsTooLarge
fault-404-title = Large packets get lost
fault-404-what = Small ones arrive at your KV, large ones vanish on your line.
fault-404-do =
    Switch the router off for 10 seconds and wait 5 minutes.
    Try it on another line.
    If it stays like this, please call.
fault-404-desk =
    Layer: way, packet size (PMTU black hole). The largest size is below; TLS hangs.
    Cause: router drops ICMP, PPPoE or VPN router without MSS clamping.
    Ask: which router? Set MTU or MSS clamping.

# LargeHelloDropped
fault-405-title = A device cannot handle the encryption
fault-405-what = Something on the way does not know the new encryption of your KV and stops it.
fault-405-do =
    Try it on another line.
    Ask whoever runs this network for newer software of router or firewall.
fault-405-desk =
    Layer: TLS, middlebox. The large ClientHello (X25519MLKEM768) fails, a small one (X25519) passes.
    Ask: which model, which firmware? Exempt the gateway.

# Intercepted
fault-411-title = Somebody wants to read along
fault-411-what = { $named ->
    [yes] “{ $subject }” opens secured connections of this PC. We do not allow that. Your password was not sent.
   *[other] A program or device opens secured connections. We do not allow that. Your password was not sent.
}
fault-411-do =
    { $named ->
        [yes] Open “{ $subject }”, as a rule your security program (virus scanner).
       *[other] Open your security program (virus scanner).
    }
    Exempt KV-FlexNet from the inspection of secured connections there.
    If you get stuck, please call. This takes about 5 minutes.
fault-411-desk =
    Layer: TLS, interception. The issuer is in this system’s store or has signed for itself; name below.
    Cause: virus scanner with web inspection, firewall with TLS interception, router.
    Ask: which virus scanner? Exempt the gateway.

# CertificateExpired
fault-412-title = Your KV’s proof has expired
fault-412-what = It is how this PC knows your KV. To be safe we stop.
fault-412-do =
    Check date and time of the PC.
    If both are right, please call.
fault-412-desk =
    Layer: TLS. The gateway’s certificate has expired (notAfter).
    Cause: renewal missed, or the PC’s clock is fast.
    Ask: which date does the PC show? If right: operations must renew.

# CertificateNotYetValid
fault-413-title = A proof is not valid yet
fault-413-what = It is how this PC knows your KV. Mostly the clock is slow then.
fault-413-do =
    Check date and time of the PC.
    If both are right, please call.
fault-413-desk =
    Layer: TLS. The gateway’s certificate is not valid yet (notBefore).
    Cause: the PC’s clock is slow, or the issuer’s clock was fast.
    Ask: which date does the PC show?

# CertificateWrongName
fault-414-title = Something else answers for your KV
fault-414-what = The other end uses somebody else’s name.
fault-414-do =
    Try it on another line.
    If it stays like this, please call.
fault-414-desk =
    Layer: TLS. The name in the certificate is not the gateway’s.
    Cause: bent name resolution or address, or a gateway with the wrong certificate.
    Ask: hotel, guest network, clinic? Does it work from home?

# CertificateUntrusted
fault-415-title = Connection stopped
fault-415-what = A program on the way to your KV wants to read along. We do not allow that.
fault-415-do =
    Open your security program (virus scanner).
    Exempt KV-FlexNet from its check of secured connections.
    If you are stuck, please call. It takes about 5 minutes.
fault-415-desk =
    Layer: TLS. The issuer is not the authority of the profile.
    Cause: virus scanner with web check, intercepting proxy, outdated profile, or an attack.
    Ask: which virus scanner? Add an exception for the gateway. The issuer stands below.

# TlsRefused
fault-416-title = The secured connection was refused
fault-416-what = The PC and the access of your KV find no common encryption.
fault-416-do =
    Try it on another line.
    If it stays like this, please call.
fault-416-desk =
    Layer: TLS. The handshake ended with an alert; its number stands below.
    Cause: a device on the way cannot handle X25519MLKEM768, or the gateway does not offer it.
    Ask: which firewall is in the network? Is its firmware current?

# NotTls
fault-417-title = Another device answers
fault-417-what = Something without encryption answers in place of your KV.
fault-417-do =
    Open a web page. Perhaps you must sign in to the network first.
    Try it on another line.
    If it stays like this, please call.
fault-417-desk =
    Layer: way to the gateway. What answers on 443 does not speak TLS.
    Cause: sign-in page of a guest network, block page, filter.
    Ask: which network is the PC in?

# TlsSilent
fault-418-title = The secured connection stands still
fault-418-what = The beginning works, then no answer comes.
fault-418-do =
    Sign in once more.
    Try it on another line.
    If it stays like this, please call.
fault-418-desk =
    Layer: TLS. TCP stands, the ClientHello stays unanswered.
    Cause: a device on the way drops large ClientHellos (X25519MLKEM768), or an MTU problem of the line.
    Ask: which router? Does another line help?

# CertificateEndsSoon
fault-419-title = All is well
fault-419-what = A proof of your KV ends soon. Your KV renews it; you need do nothing.
fault-419-do = Just go on working.
fault-419-desk =
    Layer: TLS. The gateway’s certificate ends in less than 7 days.
    Operations: renew.

# GatewayUnreachable
fault-420-title = No way to your KV
fault-420-what = This PC finds no way to the internet or to your KV.
fault-420-do =
    See whether cable or WLAN is connected.
    Switch the router off for 10 seconds.
    If other web pages work, please call.
fault-420-desk =
    Layer: line, way. The network says “unreachable” (ICMP or no route).
    Cause: no network, router without a connection, a block on the way.
    Ask: do other pages work? Who runs the network?

# Maintenance
fault-501-title = Your KV is at work
fault-501-what = The access is under maintenance. Everything is fine with your PC.
fault-501-do = Sign in again after the maintenance. You may close the window.
fault-501-desk =
    Layer: gateway. Maintenance, as the gateway itself says.
    Tell the stated end. Nothing to do on the PC.

# GatewayDraining
fault-502-title = Your KV is changing its access
fault-502-what = This access is being emptied, another one takes over. Your PC is fine.
fault-502-do = Wait 2 minutes and then sign in again.
fault-502-desk =
    Layer: gateway. Draining, as the gateway itself says.
    Operations: another gateway must take over.

# GatewayDatabase
fault-503-title = Your KV has a disturbance
fault-503-what = The access cannot check anything at present. Everything is fine with your PC.
fault-503-do =
    Wait 10 minutes and then sign in with a new TAN.
    If it stays like this, please call.
fault-503-desk =
    Layer: gateway. The database does not answer; not counted.
    Tell operations at once.

# GatewayHangs
fault-504-title = Your KV does not answer
fault-504-what = The connection stands, but no answer comes. It is not your PC.
fault-504-do =
    Wait 10 minutes and then sign in with a new TAN.
    If it stays like this, please call.
fault-504-desk =
    Layer: gateway. TCP and TLS stand, the request stays unanswered.
    Cause: the gateway’s process hangs or is overloaded.
    Operations: check process and load. The audit says whether it was counted.

# GatewayAnswer
fault-505-title = The answer could not be read
fault-505-what = The access of your KV answered something that we do not understand. To be safe we stop.
fault-505-do =
    Sign in once more with a new TAN.
    If it stays like this, please call.
fault-505-desk =
    Layer: gateway. Unexpected status or content; detail below.
    Cause: client and gateway versions do not fit, or a disturbance in the gateway.
    Ask: which version does “About KV-FlexNet” show?

# ClientTooOld
fault-506-title = KV-FlexNet is too old
fault-506-what = Your KV asks for a newer version. Your entry was not counted.
fault-506-do =
    Install the new version from the pages of your KV.
    You need administrator rights for that. Otherwise ask your IT support.
fault-506-desk =
    Layer: PC, program. The version is below the gateway’s minimum.
    Ask: does the user have administrator rights?

# GatewayBusy
fault-508-title = Many are signing in just now
fault-508-what = Your KV cannot keep up with checking. Everything is fine with your PC.
fault-508-do = Wait 1 minute and then sign in with a new TAN.
fault-508-desk =
    Layer: gateway. The queue of sign-ins is full; not counted.
    Operations: check the load, rule out an attack.

# VerifierSilent
fault-509-title = Checking does not work just now
fault-509-what = The service of the KV that checks them does not answer. This try does not count. Everything is fine with your PC.
fault-509-do =
    Wait 5 minutes and then sign in with a new TAN.
    If it stays like this, please call.
fault-509-desk =
    Layer: gateway. The token server (RADIUS) or the directory (LDAP) gives no verdict; not counted, the TAN is used up.
    Tell operations at once: the gateway's log names the server.

# UdpBlocked
fault-601-title = We take the slower way
fault-601-what = This network blocks the fast way to your KV. You need do nothing.
fault-601-do = Just go on working. If it is too slow, try another line.
fault-601-desk =
    Layer: UDP to the gateway. No answer to echoes, TCP 443 is fine.
    Cause: company or guest network, firewall.
    Ask: can whoever runs it allow UDP to the gateway?

# UdpThrottled
fault-603-title = This network slows the connection down
fault-603-what = It lets little through on the fast way. We take the slower one; you need do nothing.
fault-603-do = Just go on working. If it is too slow, try another line.
fault-603-desk =
    Layer: UDP to the gateway. More than 75 % loss on UDP only, none on TCP; figure below.
    Cause: rate limit for UDP.
    Ask: who runs the network?

# UdpPacketsSmall
fault-604-title = We make the packets smaller
fault-604-what = Only small packets arrive on the fast way. If pages of the portal hang, please call.
fault-604-do = Just go on working. If pages hang, try another line.
fault-604-desk =
    Layer: UDP to the gateway. The largest size is below, TLS is fine.
    Cause: a small MTU on the way (PPPoE, VPN router, mobile).
    Ask: do large pages hang? Check the router’s MTU.

# TunnelNoHandshake
fault-605-title = No secured connection came about
fault-605-what = Your sign-in is right. After it no answer came on the way to the portal.
fault-605-do =
    Sign in once more with a new TAN.
    Try it on another line.
    If it stays like this, please call.
fault-605-desk =
    Layer: tunnel. No WireGuard handshake.
    Cause: UDP is blocked and the detour by TCP 443 does not come about either, or the peer is missing in the gateway.
    Ask: company or guest network? Otherwise operations: check the session’s peer.

# TunnelLost
fault-606-title = Connection interrupted
fault-606-what = The secured connection went silent. We restore it by ourselves.
fault-606-do =
    Wait 1 minute.
    See whether other web pages work.
    If not: switch the router off for 10 seconds.
fault-606-desk =
    Layer: tunnel. It stood, and for 15 seconds nothing has come through, or the network has changed.
    Cause: line down, network changed, PC was asleep.
    Ask: do other pages work?

# RouteTaken
fault-607-title = The portal’s way is taken
fault-607-what = { $named ->
    [yes] “{ $subject }” redirects the connection to the portal.
   *[other] The connection to the portal passes KV-FlexNet by.
}
fault-607-do =
    { $named ->
        [yes] Quit “{ $subject }”.
       *[other] Quit other programs that build a secured connection.
    }
    Then sign in with a fresh TAN.
fault-607-desk =
    Layer: network on the PC. The route to the portal’s networks does not lead into our tunnel; adapter below.
    Cause: another VPN, a route set by hand.
    Ask: which VPN runs? Disconnect it and sign in again.

# NetworksOverlap
fault-608-title = Your network uses the same addresses
fault-608-what = Your router gives out addresses that the network of your KV uses too. Both at once do not work.
fault-608-do =
    Ask your IT support for another address range in the router.
    Or try it on another line.
fault-608-desk =
    Layer: local network. LAN and portal networks overlap; both stand below.
    Remedy: change the router’s address range.
    Ask: which router? Who looks after it?

# TunnelDevice
fault-609-title = The network adapter cannot be made
fault-609-what = KV-FlexNet needs a network adapter of its own. The PC did not make it.
fault-609-do =
    Restart the PC and sign in with a new TAN.
    If the virus scanner speaks up, allow KV-FlexNet.
    If it stays like this, please call.
fault-609-desk =
    Layer: PC, TUN device. It could not be made; detail below.
    Cause: /dev/net/tun or driver missing, virus scanner blocks, leftovers of an old session.
    Ask: a message of the virus scanner? Then “Repair”.

# NetworkSettings
fault-610-title = The network was not set up
fault-610-what = Without it we build no connection. Everything is as it was before.
fault-610-do =
    Open “Repair” in the menu and tidy up.
    Then sign in with a new TAN.
    If it stays like this, please call.
fault-610-desk =
    Layer: PC, network. Addresses, routes, name service or packet filter not set; the step stands below.
    Cause: another VPN program, a foreign firewall, nftables missing.
    Ask: is another VPN program running?

# GrantOutsideProfile
fault-611-title = Stopped to be safe
fault-611-what = Your KV wanted to set up more than is allowed on this PC. We did not let it.
fault-611-do = Please call and give the code.
fault-611-desk =
    Layer: profile. The gateway offered routes, name servers or names outside the installed profile.
    Cause: profile outdated, gateway misconfigured or taken over.
    Tell operations; ship a new profile if the change is wanted.

# Locked
fault-700-title = Your access is locked
fault-700-what = Five entries in a row were wrong. Only the IT-ServiceDesk can open it again.
fault-700-do =
    Call the IT-ServiceDesk.
    Have your user name and token ready.
fault-700-desk =
    Layer: sign-in. Locked after five wrong entries.
    Verify the identity, then unlock and log the reason.
    Ask: Caps Lock? Somebody else’s token? The portal’s password instead of “meine KVid”?

# Refused
fault-701-title = That was not right
fault-701-what = Name, password or TAN was not right. To protect your access we do not say which.
fault-701-do =
    See whether Caps Lock is on.
    Take a new TAN: press the button on the token again. If it changes by itself, wait up to 30 seconds.
fault-701-desk =
    Layer: sign-in. Wrong entry, counted. Do not tell what was wrong.
    Ask: Caps Lock? Own token? Password of “meine KVid”?

# TanUsed
fault-702-title = This TAN was used before
fault-702-what = Each TAN works once only. Nothing was sent yet. No attempt was used.
fault-702-do = Press the button on the token again and take the new TAN. If it changes by itself, wait up to 30 seconds.
fault-702-desk =
    Layer: sign-in. Caught on the PC, nothing sent, not counted.
    With a time-based token: wait up to 30 seconds for the next TAN.

# AccountDisabled
fault-705-title = Your access is switched off
fault-705-what = Your entries are right. But your KV has switched this access off.
fault-705-do = Please call. New TANs do not help here.
fault-705-desk =
    Layer: sign-in. Account disabled; both factors were right.
    Ask: when and why was it switched off? An application at the member services?

# SessionEnded
fault-707-title = Your session has ended
fault-707-what = Your KV closed the session, for example after a pause.
fault-707-do = Sign in again with a new TAN.
fault-707-desk =
    Layer: session. Ended by the gateway; the audit has the reason.
    Cause: idle, time limit, newer sign-in, desk, or a lost token.

# EntryShape
fault-709-title = Please look at it again
fault-709-what = An entry does not have the shape it needs. Nothing was sent yet. No attempt was used.
fault-709-do =
    Fill in user name, password and TAN.
    A TAN has 6 to 8 digits; zeros at the beginning count.
fault-709-desk = Layer: sign-in. Shape checked on the PC, nothing sent, not counted.

# HandoffOver
fault-711-title = The hand-over has expired
fault-711-what = A sign-in in the browser works once only, and for one minute. This one is over.
fault-711-do =
    Sign in once more in the browser, with a new TAN.
    Or sign in right here.
fault-711-desk =
    Layer: sign-in, hand-over from the browser. Ticket expired after 60 seconds, unknown or used; not counted.
    Ask: did the browser ask whether it may open KV-FlexNet? Was it confirmed in the browser?

# HandoffRefused
fault-712-title = The hand-over was refused
fault-712-what = “No” was chosen in the browser, or a second program wanted the same sign-in. Nobody is connected.
fault-712-do =
    If you chose “No” yourself: sign in once more with a new TAN.
    If the two digits here and in the browser were different: please call at once.
fault-712-desk =
    Layer: sign-in, hand-over from the browser. Refused by the member, or two programs came with one ticket; the audit says which (handoff_refused).
    Different digits or a second program: somebody has read the ticket. Change the password, have the PC checked.

# TokenOutOfStep
fault-713-title = The token does not fit yet
fault-713-what = The two TANs are not your token’s, or do not follow each other. This counts as an attempt.
fault-713-do =
    Press the button on the token and type the TAN.
    Then take the next TAN of the same token, and leave none out.
    If that does not help, please call.
fault-713-desk =
    Layer: sign-in, bringing a token back into step. Two consecutive TANs were in no window; counted like a sign-in.
    Ask: own token? No TAN left out? With a time-based token: waited until the TAN changed?
    Remedy: try once more at the desk, otherwise replace the token.

# TokenLost
fault-714-title = This token was reported lost
fault-714-what = Nobody can sign in with it any more, even if it is back.
fault-714-do =
    Call the IT-ServiceDesk.
    You will get another token.
fault-714-desk =
    Layer: token. Reported lost; it never becomes valid again. The audit says when and by whom (token_lost).
    Remedy: assign another token, withdraw this one.

# LinkBroken
fault-715-title = This link is not whole
fault-715-what = A link of a web page wanted to open KV-FlexNet. Something is missing in it, or it is not ours. Nothing has happened.
fault-715-do =
    Sign in once more in the browser, with a new TAN.
    Or sign in right here.
fault-715-desk =
    Layer: sign-in, hand-over from the browser. The link is not of the form kv-flexnet://connect?ticket=…; thrown away on the PC, nothing sent.
    Ask: did the link come from your KV’s page? If not: do not open it.

# AlreadySignedIn
fault-716-title = You are signed in here already
fault-716-what = There is only ever one session. The sign-in of the browser was not taken over.
fault-716-do =
    Just go on working.
    If the new sign-in should count: sign out here first, then sign in once more in the browser with a new TAN.
fault-716-desk =
    Layer: sign-in, hand-over from the browser. A session lives on this PC; the ticket was not redeemed and expires.
    Ask: did you open the link yourself?

# PortalNameService
fault-801-title = The portal is not found
fault-801-what = Your connection stands. The name search inside your KV’s network does not answer. It is not your PC.
fault-801-do =
    Wait 10 minutes. We look again by ourselves.
    If it stays like this, please call.
fault-801-desk =
    Layer: portal network. The name service inside the tunnel is silent.
    Operations: check DNS in the portal network.

# PortalNoName
fault-802-title = The portal has no entry
fault-802-what = Your connection stands. Your KV’s network does not know the portal’s address. It is not your PC.
fault-802-do = Please call and give the code.
fault-802-desk =
    Layer: portal network. The portal’s name has no address inside (NXDOMAIN or empty).
    Operations: check the zone; is the name in the profile right?

# PortalSilent
fault-803-title = The member portal does not answer
fault-803-what = Your connection stands. The portal itself is silent at present. It is not your PC.
fault-803-do =
    Wait a little. We look again by ourselves.
    If it takes longer than 15 minutes, please call.
fault-803-desk =
    Layer: portal. The tunnel is proven, the portal takes no connection or stays silent.
    Tell the portal’s operations.

# PortalMaintenance
fault-804-title = The members’ portal is under maintenance
fault-804-what = Your connection is up. The portal is being worked on; it is not your PC.
fault-804-do = Try again in 30 minutes. You can stay connected.
fault-804-desk =
    Layer: portal. It answers 503.
    Portal operations: is maintenance known?

# PortalSlow
fault-805-title = The members’ portal takes too long
fault-805-what = Your connection is up. The portal takes it and sends nothing. It is not your PC.
fault-805-do =
    Wait 1 minute and load the page again.
    If it takes longer than 15 minutes, please call.
fault-805-desk =
    Layer: portal. TCP is up, no byte in 4 seconds.
    Portal operations: check the load.

# PortalPagesCut
fault-806-title = Large pages do not get through
fault-806-what = Your connection is up. Small answers of the portal arrive, whole pages do not.
fault-806-do =
    Sign out, and in again with a fresh TAN.
    Try it on another line.
    If it stays like this, please call.
fault-806-desk =
    Layer: tunnel, packet size. HEAD is answered, GET hangs.
    Cause: the tunnel’s MTU is too large for the way.
    Operations: check MTU and MSS in the portal’s network.

# NotInstalled
fault-901-title = KV-FlexNet is not installed
fault-901-what = The service of KV-FlexNet is missing on this PC. Without it there is no connection.
fault-901-do =
    Install KV-FlexNet from the pages of your KV.
    You need administrator rights for it. Otherwise ask your IT support.
fault-901-desk =
    Layer: PC, program. No service is set up.
    Cause: never installed, setup broken off, removed by a security program.
    Ask: administrator rights? A message of the virus scanner?

# ServiceDown
fault-902-title = The service is not running
fault-902-what = KV-FlexNet has a service on this PC. Without it there is no connection.
fault-902-do =
    Restart the PC.
    If that does not help, please call.
fault-902-desk =
    Layer: PC, service kv-flexnet-service. No socket, or nobody takes the connection.
    Cause: service off, crashed, or not installed.
    Check: systemctl status kv-flexnet-service.

# ServiceHangs
fault-903-title = The service does not answer
fault-903-what = KV-FlexNet has a service on this PC. It runs but stays silent.
fault-903-do =
    Wait 1 minute.
    Then restart the PC.
    If that does not help, please call.
fault-903-desk =
    Layer: PC, service kv-flexnet-service. The connection stands, no answer.
    Cause: the service hangs, the PC is overloaded.
    Check: journalctl -u kv-flexnet-service.

# VersionsDiffer
fault-904-title = Two versions do not fit together
fault-904-what = Service and window of KV-FlexNet have different versions. Mostly an update is not finished yet.
fault-904-do =
    Restart the PC.
    If that does not help, install KV-FlexNet once more.
fault-904-desk =
    Layer: PC, program. Versions of service and window differ; both stand below.
    Cause: half an update, service not restarted.

# ServiceImpostor
fault-905-title = A foreign program answers
fault-905-what = It poses as the service of KV-FlexNet. Please type no password.
fault-905-do =
    Do not sign in on this PC.
    Please call at once.
fault-905-desk =
    Layer: PC, local socket. A process that is not the system’s sits on it; its uid stands below.
    Cause: a wrong test set-up, or malware. Have the PC checked.

# Leftovers
fault-906-title = Something is left from last time
fault-906-what = An earlier session did not end cleanly. Some of it could not be taken back yet.
fault-906-do =
    Open “Repair” in the menu and tidy up.
    Restart the PC if something stays.
    If that does not help, please call.
fault-906-desk =
    Layer: PC, journal. Not all changes were undone; what is left stands below.
    Remedy: sign out, then “Repair” or kv-flexnet repair. If something is left: restart.
    Ask: does another program manage the network?

# ProfileBroken
fault-907-title = The set-up is incomplete
fault-907-what = The file with the details of your KV is missing or damaged. Without it KV-FlexNet does not know your KV.
fault-907-do =
    Install KV-FlexNet once more, or ask your IT support.
    If that does not help, please call your KV.
fault-907-desk =
    Layer: PC, profile (/etc/kv-flexnet/profile.toml). Missing or unreadable; the line stands below.
    Cause: edited by hand, or an incomplete package.
    Remedy: install the profile again, restart the service.

# NotPermitted
fault-908-title = This account may not do that
fault-908-what = Only certain accounts of this PC may use KV-FlexNet.
fault-908-do =
    Sign in to the PC with your own account.
    Otherwise ask your IT support.
fault-908-desk =
    Layer: PC, local socket. The account is neither the active session’s nor in the group kv-flexnet.
    Remedy: add it to the group and sign in again.

# SetupRuns
fault-909-title = The installation is still running
fault-909-what = KV-FlexNet is being set up on this PC right now.
fault-909-do =
    Wait until the installation is done. This takes about 5 minutes.
    Restart the PC if it does not end.
fault-909-desk =
    Layer: PC, program. Setup or package management runs right now.
    Ask: does a window of the installation wait for an answer?

# BadRequest
fault-910-title = Window and service misunderstand each other
fault-910-what = The service did not understand a message. Nothing was sent.
fault-910-do =
    Quit KV-FlexNet and start it again.
    If that does not help, please call.
fault-910-desk =
    Layer: PC, local protocol. A message that makes no sense; detail below.
    Cause: a foreign program on the socket, or a defect of KV-FlexNet. Please report.

# NotOnThisSystem
fault-911-title = Not on this system yet
fault-911-what = This part of KV-FlexNet is not ready for the operating system of this PC yet.
fault-911-do = Ask your KV which systems work already.
fault-911-desk = Layer: program. Not built for this operating system; the part stands below.

# Busy
fault-912-title = One moment please
fault-912-what = KV-FlexNet is still busy with something.
fault-912-do = Wait a little and try again.
fault-912-desk = Layer: service. Something else is running; it stands below.

# Internal
fault-999-title = This should not have happened
fault-999-what = Something went wrong inside KV-FlexNet. It is not your doing.
fault-999-do =
    Try again.
    If it happens again, please call and give the code.
fault-999-desk =
    Layer: program. A defect of KV-FlexNet; detail below.
    Please report it with version and time.
