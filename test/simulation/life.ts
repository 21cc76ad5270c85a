/** A process that may end at any moment: whoever waits for something that it does then gets an error. */
export class Life {
  #ended = false;
  readonly #waiting = new Set<() => void>();

  get isOver(): boolean {
    return this.#ended;
  }

  end(): void {
    this.#ended = true;
    for (const leave of [...this.#waiting]) leave();
  }

  /** What the work comes to, or `death()` if the process ends first. */
  async during<T>(work: () => T | Promise<T>, death: () => Error): Promise<T> {
    if (this.#ended) throw death();
    let leave = () => {};
    const ended = new Promise<never>((_resolve, reject) => {
      leave = () => reject(death());
      this.#waiting.add(leave);
    });
    try {
      return await Promise.race([work(), ended]);
    } finally {
      this.#waiting.delete(leave);
    }
  }
}
