// deploy/nginx/ordercast.conf in a real nginx.

import {behindProxy} from './proxy_scenarios.mjs';

// What the file asks of nginx.conf; streams move on a second after a reload, not half a minute.
const mainConf = (proxy) => `
${process.geteuid() === 0 ? 'user root;' : ''}
daemon off;
pid ${proxy.path('nginx.pid')};
error_log stderr warn;
worker_processes 2;
worker_shutdown_timeout 1s;
events { worker_connections 2000; }
http {
  access_log off;
  client_body_temp_path ${proxy.path('body')};
  proxy_temp_path ${proxy.path('proxy')};
  fastcgi_temp_path ${proxy.path('fastcgi')};
  uwsgi_temp_path ${proxy.path('uwsgi')};
  scgi_temp_path ${proxy.path('scgi')};
  gzip on;
  gzip_types *;
  include ${proxy.path('config')};
}
`;

behindProxy({
  name: 'nginx',
  describe: (node) => ({
    file: 'nginx/ordercast.conf',
    replace: (proxy) => [
      ['    listen [::]:80;\n', ''],
      ['    listen [::]:443 ssl http2;\n', ''],
      ['listen 80;', `listen 127.0.0.1:${proxy.plainPort};`],
      ['listen 443 ssl http2;', `listen 127.0.0.1:${proxy.port} ssl http2;`],
      ['127.0.0.1:8080', `127.0.0.1:${node.port}`],
      ['server_name orders.example.com;', 'server_name localhost;'],
      ['/etc/ssl/orders.example.com.pem', proxy.certificate.file],
      ['/etc/ssl/private/orders.example.com.key', proxy.certificate.key],
    ],
    beside: (proxy) => ({'nginx.conf': mainConf(proxy)}),
    command: (proxy) =>
        ['nginx', '-e', 'stderr', '-p', proxy.folder, '-c', proxy.path('nginx.conf')],
  }),
  reload: (proxy) => process.kill(proxy.pid, 'SIGHUP'),
  moves: true,
});
