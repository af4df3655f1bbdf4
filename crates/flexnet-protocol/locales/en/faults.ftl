# What the catalogue of faults says: to the member a headline, what it means and what to do; to the desk layer, cause and question.
# One line of -do is one step. That the password was not sent is said by the window itself, where it is known (area 4).

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
