/** Returns a share, 0 to 1, as it was planned: `10 %`, `0.1 %`. */
export function percentText(share: number): string {
  return `${Number((share * 100).toFixed(3))} %`;
}
