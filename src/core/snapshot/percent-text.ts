/** Returns a share, 0 to 1, as people read it; 0 and 100 % are said of nothing and all only. */
export function percentText(share: number): string {
  if (share === 0) return '0 %';
  if (share === 1) return '100 %';
  if (share < 0.000_5) return 'less than 0.1 %';
  if (share > 0.999_5) return 'more than 99.9 %';
  return `${(share * 100).toFixed(1)} %`;
}
