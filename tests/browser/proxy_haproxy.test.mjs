// deploy/haproxy/haproxy.cfg in a real HAProxy.

import {behindProxy} from './proxy_scenarios.mjs';

behindProxy({
  name: 'HAProxy',
  describe: (node) => ({
    file: 'haproxy/haproxy.cfg',
    replace: (proxy) => [
      // What only root can do, and needs the system's folders.
      ['    chroot /var/lib/haproxy\n    user haproxy\n    group haproxy\n', ''],
      ['log /dev/log local0', 'log stderr local0'],
      // Who has TLS elsewhere leaves this out.
      ['    http-request redirect scheme https code 301 unless { ssl_fc }\n', ''],
      // Streams move on a second after a reload, not half a minute.
      ['hard-stop-after 30s', 'hard-stop-after 1s'],
      ['bind :443 ', `bind 127.0.0.1:${proxy.port} `],
      ['bind :80\n', `bind 127.0.0.1:${proxy.plainPort}\n`],
      ['/etc/haproxy/orders.example.com.pem', proxy.certificate.pair],
      ['127.0.0.1:8080', `127.0.0.1:${node.port}`],
    ],
    command: (proxy) => ['haproxy', '-W', '-f', proxy.path('config')],
  }),
  reload: (proxy) => process.kill(proxy.pid, 'SIGUSR2'),
  moves: true,
  plain: true,
});
