/** Counts an address's failures within the last second. Real time, whatever the server's clock says. */
export class FailureLimit {
  private failures = new Map<string, number[]>();

  constructor(
    private readonly perSecond = 10,
    /** Addresses remembered; beyond that, those whose last failure is oldest are forgotten. */
    private readonly addresses = 10_000,
    private readonly now: () => number = () => performance.now(),
  ) {}

  isExceeded(address: string): boolean {
    return this.recent(address).length >= this.perSecond;
  }

  add(address: string): void {
    const recent = this.recent(address);
    this.failures.delete(address);
    this.failures.set(address, [...recent, this.now()]);
    const [oldest] = this.failures.keys();
    if (oldest !== undefined && this.failures.size > this.addresses) this.failures.delete(oldest);
  }

  private recent(address: string): number[] {
    const since = this.now() - 1_000;
    return (this.failures.get(address) ?? []).filter(time => time > since);
  }
}
