import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender, Site } from './contender.ts';
import { versionOf } from './installed.ts';

const config = ({ port, v1, v2 }: Site): string => `
global
  nbthread 1
  maxconn 8192
defaults
  mode http
  option forwardfor
  http-reuse always
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend traffic
  bind 127.0.0.1:${port} backlog 4096
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  http-request set-header X-Forwarded-Port %[dst_port]
  http-request set-header Via "1.1 haproxy"
  http-response add-header Via "1.1 haproxy"
  default_backend both
backend both
  balance roundrobin
  server v1 127.0.0.1:${v1} weight 90
  server v2 127.0.0.1:${v2} weight 10
`;

export const haproxy: Contender = {
  name: 'haproxy',
  version: () => versionOf('haproxy', '-v'),
  install: 'apt-get install haproxy',
  isNode: false,
  command: (site) => {
    const file = join(site.folder, 'haproxy.cfg');
    writeFileSync(file, config(site));
    return ['haproxy', '-db', '-f', file];
  },
};
