/**
 * The PROXY protocol, versions 1 and 2: a load balancer in front of this server says in a first header whose connection
 * it passes on (<a href="https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt">HAProxy's specification</a>).
 */
@NullMarked
package dev.parley.net.proxy;

import org.jspecify.annotations.NullMarked;
