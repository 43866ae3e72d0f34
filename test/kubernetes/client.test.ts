import { test } from 'tap';
import { clientSuite } from './client-suite.ts';
import { kubeconfig, realServer } from './real-server.ts';
import { stubServer } from './target-server.ts';

test('the client, with the stub of an API server', async (t) => clientSuite(t, stubServer));

const skip =
  kubeconfig === ''
    ? 'KUBECONFIG IS NOT SET: the client was not tested with a real API server; with kubectl and ' +
      'the right to make namespaces: KUBECONFIG=... npx tap test/kubernetes/client.test.ts'
    : false;

test('the client, with the API server of KUBECONFIG', { skip, timeout: 300_000 }, async (t) =>
  clientSuite(t, realServer),
);
