/**
 * Returns HMAC-SHA-256 of a text (ASCII) by the key of this id, base64url without padding;
 * undefined where there is no such key. A port: core knows no crypto.
 */
export type Mac = (keyId: string, text: string) => string | undefined;
