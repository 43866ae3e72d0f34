import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender, Site } from './contender.ts';
import { versionOf } from './installed.ts';

/** Before 2.7 there are no weights: nine of ten upstreams are the same one. */
const config = ({ port, v1, v2 }: Site): string => `
{
  admin off
  auto_https off
  log {
    output discard
  }
}
http://:${port} {
  bind 127.0.0.1
  reverse_proxy {
    to ${`127.0.0.1:${v1} `.repeat(9)}127.0.0.1:${v2}
    lb_policy round_robin
    header_up X-Forwarded-Port ${port}
    header_up Via "1.1 caddy"
    header_down Via "1.1 caddy"
    transport http {
      keepalive_idle_conns_per_host 1024
    }
  }
}
`;

export const caddy: Contender = {
  name: 'caddy',
  version: () => versionOf('caddy', 'version'),
  install: 'apt-get install caddy',
  isNode: false,
  command: (site) => {
    const file = join(site.folder, 'Caddyfile');
    writeFileSync(file, config(site));
    return ['caddy', 'run', '--adapter', 'caddyfile', '--config', file];
  },
};
