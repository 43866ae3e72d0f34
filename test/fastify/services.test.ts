import { test } from 'tap';
import { registering } from './service.ts';

test('a service of a cluster is refused by name: only the proxy follows one', async (t) => {
  const rules = `apiVersion: turnout/v1
routes:
  - name: shop
    versions:
      v1: { url: "http://a:1" }
      v2: { service: { name: shop-v2, namespace: store, port: 8080 } }
`;
  await t.rejects(registering({ rules: { text: rules } }), {
    message:
      /version "v2" of route "shop" is the service store\/shop-v2:8080: only "turnout run" follows a cluster; write its url/,
  });
});
