import { constants, createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';

/** A certificate with its key, ready to be shown to clients. */
export interface Certificate {
  readonly context: SecureContext;
  /** The host names it is good for, in lower case; `*.suffix` too. */
  readonly names: readonly string[];
  /** Wall clock, in milliseconds. */
  readonly expiresAt: number;
}

export interface PemPair {
  /** The certificate, and then those of its issuers. */
  readonly cert: Buffer;
  readonly key: Buffer;
}

/**
 * Only what hides past traffic from who gets the key later (ECDHE), and only ciphers without
 * a known weakness: what Mozilla calls intermediate. The client chooses among them, because
 * it knows what its processor does well.
 */
const ciphers = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

/**
 * Returns the certificate of a pair, or what is wrong with it. `ticketKeys` are those that
 * sessions are resumed with: the same ones in every context, so that a session lives on
 * when its certificate is replaced.
 */
export function readCertificate(
  { cert, key }: PemPair,
  ticketKeys: Buffer,
  now: number,
): Certificate | string {
  try {
    const leaf = new X509Certificate(cert);
    const trouble = troubleOf(leaf, key, now);
    if (trouble !== undefined) return trouble;
    const context = createSecureContext({
      cert,
      key,
      ciphers,
      ticketKeys,
      minVersion: 'TLSv1.2',
      sessionIdContext: 'turnout',
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    });
    return { context, names: namesOf(leaf), expiresAt: leaf.validToDate.getTime() };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function troubleOf(leaf: X509Certificate, key: Buffer, now: number): string | undefined {
  if (!leaf.checkPrivateKey(createPrivateKey(key))) {
    return 'the key is not that of the certificate';
  }
  if (leaf.validToDate.getTime() <= now) {
    return `the certificate expired at ${leaf.validToDate.toISOString()}`;
  }
  if (leaf.validFromDate.getTime() > now) {
    return `the certificate is good only from ${leaf.validFromDate.toISOString()} on`;
  }
  return undefined;
}

/** The common name counts only where there is no other, as clients see it. */
function namesOf({ subjectAltName = '', subject }: X509Certificate): readonly string[] {
  // Names with a comma or quotes in them are quoted; none of them is a host's.
  const others = [...subjectAltName.matchAll(/(?<=^|, )DNS:([^",]+)(?=,|$)/g)];
  const common = others.length > 0 ? [] : [...subject.matchAll(/^CN=(.+)$/gm)];
  return [...others, ...common].map(([, name = '']) => name.toLowerCase());
}
