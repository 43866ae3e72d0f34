import { createHmac, randomBytes } from 'node:crypto';
import type { AssignPorts } from '#core/routing/assign';
import type { SigningKey } from './options.ts';

/** Returns the chance, the clock and the signatures that an assignment needs. */
export function assignPorts(keys: readonly SigningKey[]): AssignPorts {
  const secrets = new Map(keys.map(({ id, secret }) => [id, secret]));
  return {
    random: Math.random,
    epochMs: Date.now,
    newUnit: () => randomBytes(16).toString('hex'),
    mac: (keyId, text) => {
      const secret = secrets.get(keyId);
      return secret && createHmac('sha256', secret).update(text).digest('base64url');
    },
    stickyKeyId: keys[0]?.id,
  };
}
