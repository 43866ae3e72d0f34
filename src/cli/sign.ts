import { createHmac } from 'node:crypto';
import type { Mac } from '#core/routing/mac';
import type { Keys } from './keys.ts';

/** Returns HMAC-SHA-256 by the key of an id, base64url without padding. */
export function macBy(keys: Keys): Mac {
  return (keyId, text) => {
    const key = keys.get(keyId);
    return key === undefined
      ? undefined
      : createHmac('sha256', key).update(text, 'latin1').digest('base64url');
  };
}
