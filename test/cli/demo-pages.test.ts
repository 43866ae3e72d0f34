import { test } from 'tap';
import { pagesOf } from '../../src/cli/demo-pages.ts';
import { rule, snapshotOf, version } from '../core/routing/made-up.ts';

test('a page is run for each http endpoint on a loopback address, once', async (t) => {
  const urls = ['http://127.0.0.11:9001', 'http://[::1]:9002', 'http://localhost:9003'];
  const versions = [
    version('v1', { urls }),
    version('v2', { urls: ['http://shop-v2:8080'] }),
    version('v3', { urls: ['https://127.0.0.12:9004'] }),
  ];
  const again = rule({ name: 'again', versions: [version('v9', { urls })] });
  t.strictSame(pagesOf(snapshotOf(rule({ versions }), again)), [
    { host: '127.0.0.11', port: 9001, version: 'v1' },
    { host: '::1', port: 9002, version: 'v1' },
    { host: 'localhost', port: 9003, version: 'v1' },
  ]);
});
