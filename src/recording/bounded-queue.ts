/** First in, first out, of a fixed capacity: full, it drops the oldest and counts what it dropped. */
export class BoundedQueue<T> {
  readonly capacity: number;
  private items: T[] = [];
  /** Place of the oldest item once the queue has wrapped. */
  private oldest = 0;
  private droppedSince = 0;

  constructor(capacity: number) {
    this.capacity = Math.max(1, Math.floor(capacity));
  }

  push(item: T): void {
    if (this.items.length < this.capacity) {
      this.items.push(item);
      return;
    }
    this.items[this.oldest] = item;
    this.oldest = (this.oldest + 1) % this.capacity;
    this.droppedSince += 1;
  }

  /** Everything since the last call, oldest first, and how many were dropped. Leaves the queue empty. */
  drain(): { readonly items: readonly T[]; readonly dropped: number } {
    const items = [...this.items.slice(this.oldest), ...this.items.slice(0, this.oldest)];
    const dropped = this.droppedSince;
    this.items = [];
    this.oldest = 0;
    this.droppedSince = 0;
    return { items, dropped };
  }
}
