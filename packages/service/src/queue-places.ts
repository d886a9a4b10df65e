/** A number of places of which work takes one or more; nobody waits in here. */
export class Places {
  #free: number;

  constructor(places: number) {
    this.#free = places;
  }

  /** True where so many are free; then they are taken until they are left again. */
  take(places: number): boolean {
    if (this.#free < places) return false;
    this.#free -= places;
    return true;
  }

  leave(places: number): void {
    this.#free += places;
  }
}
