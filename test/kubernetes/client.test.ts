import { test } from 'tap';
import { clientSuite } from './client-suite.ts';
import { stubServer } from './target-server.ts';

test('the client, with the stub of an API server', async (t) => clientSuite(t, stubServer));
