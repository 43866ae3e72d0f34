import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender, Site } from './contender.ts';
import { versionOf } from './installed.ts';

/** One worker. What is read from an upstream never goes through a file. */
const config = ({ folder, port, v1, v2 }: Site): string => `
worker_processes 1;
daemon off;
pid ${folder}/nginx.pid;
error_log /dev/null;
events { worker_connections 8192; }
http {
  access_log off;
  keepalive_requests 100000000;
  proxy_max_temp_file_size 0;
  upstream both {
    server 127.0.0.1:${v1} weight=9;
    server 127.0.0.1:${v2} weight=1;
    keepalive 1024;
    keepalive_requests 100000000;
  }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://both;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $host;
      proxy_set_header X-Forwarded-Port $server_port;
      proxy_set_header Via "1.1 nginx";
      add_header Via "1.1 nginx";
    }
  }
}
`;

export const nginx: Contender = {
  name: 'nginx',
  version: () => versionOf('nginx', '-v'),
  install: 'apt-get install nginx-light',
  isNode: false,
  command: (site) => {
    const file = join(site.folder, 'nginx.conf');
    writeFileSync(file, config(site));
    return ['nginx', '-c', file];
  },
};
