/** The oldest Node this runs on; `engines` in package.json says the same. */
const oldest = { major: 22, minor: 19 };

/** Returns a sentence where this Node is too old, and nothing where it will do. */
export function tooOld(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > oldest.major || (major === oldest.major && minor >= oldest.minor)) return undefined;
  return `error: turnout needs Node ${oldest.major}.${oldest.minor} or later, this is ${version}\n  hint: see https://nodejs.org, or use the container image\n`;
}
