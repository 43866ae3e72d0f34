import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { type Certificate, readCertificate } from '../../src/proxy/certificate.ts';
import { Certificates } from '../../src/proxy/certificates.ts';

/**
 * Certificates made on the spot, so that no test rests on a file that expires: X.509
 * version 3 (RFC 5280) in DER, keys on P-256, signed with ECDSA and SHA-256.
 */
export interface TestCertificate {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
  readonly privateKey: KeyObject;
  readonly name: string;
}

export interface CertificateWish {
  /** Names and addresses it is good for; the first one is its common name. */
  readonly names: readonly string[];
  /** Who signs it; itself by default. */
  readonly issuer?: TestCertificate;
  readonly isAuthority?: boolean;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

const day = 86_400_000;

function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head =
    length < 128
      ? [tag, length]
      : length < 256
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), content]);
}

const sequence = (...parts: Buffer[]) => der(0x30, ...parts);
const octets = (content: Buffer) => der(0x04, content);
const bits = (content: Buffer) => der(0x03, Buffer.of(0), content);
const isTrue = der(0x01, Buffer.of(0xff));

/** An object identifier, given as it is written: `2.5.4.3`. */
function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const part of rest) {
    const digits = [part & 0x7f];
    for (let left = part >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80);
    bytes.push(...digits);
  }
  return der(0x06, Buffer.from(bytes));
}

function commonName(name: string): Buffer {
  return sequence(der(0x31, sequence(oid('2.5.4.3'), der(0x0c, Buffer.from(name)))));
}

/** UTCTime, which is good until 2049: `300101000000Z`. */
function time(date: Date): Buffer {
  return der(0x17, Buffer.from(`${date.toISOString().replaceAll(/\D/g, '').slice(2, 14)}Z`));
}

function extension(id: string, value: Buffer, isCritical = false): Buffer {
  return sequence(oid(id), ...(isCritical ? [isTrue] : []), octets(value));
}

function alternativeName(name: string): Buffer {
  const isAddress = /^\d+\.\d+\.\d+\.\d+$/.test(name);
  return isAddress
    ? der(0x87, Buffer.from(name.split('.').map(Number)))
    : der(0x82, Buffer.from(name));
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/** Makes a certificate with a key of its own; good from yesterday for a year unless told otherwise. */
export function certificate(wish: CertificateWish): TestCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const [name = ''] = wish.names;
  const { issuer, isAuthority = false } = wish;
  const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'));
  const names = wish.names.map(alternativeName);
  const extensions = [
    extension('2.5.29.19', sequence(...(isAuthority ? [isTrue] : [])), true),
    ...(isAuthority ? [] : [extension('2.5.29.17', sequence(...names))]),
  ];
  const body = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(1, ...randomBytes(8))),
    ecdsaWithSha256,
    commonName(issuer?.name ?? name),
    sequence(
      time(wish.notBefore ?? new Date(Date.now() - day)),
      time(wish.notAfter ?? new Date(Date.now() + 365 * day)),
    ),
    commonName(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = sign('sha256', body, issuer?.privateKey ?? privateKey);
  return {
    cert: pem('CERTIFICATE', sequence(body, ecdsaWithSha256, bits(signature))),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    privateKey,
    name,
  };
}

/** Makes an authority whose `cert` is to be trusted. */
export function authority(name = 'Test Authority'): TestCertificate {
  return certificate({ names: [name], isAuthority: true });
}

export const expired = {
  notAfter: new Date(Date.now() - day),
  notBefore: new Date(Date.now() - 9 * day),
};

/** What tests resume sessions with. */
export const ticketKeys = Buffer.alloc(48, 7);

/** Returns certificates as a listener takes them. */
export function served(first: TestCertificate, ...others: TestCertificate[]): Certificates {
  return new Certificates([loaded(first), ...others.map(loaded)]);
}

export function loaded({ cert, key }: TestCertificate): Certificate {
  const read = readCertificate(
    { cert: Buffer.from(cert), key: Buffer.from(key) },
    ticketKeys,
    Date.now(),
  );
  if (typeof read === 'string') throw new Error(read);
  return read;
}
