export class PreparedGraphs {
    #capacity;
    /** In the order of their last use. */
    #entries = new Map();
    /** Retired entries that still have users. */
    #leaving = new Set();
    /** @param capacity how many to keep while nobody uses them */
    constructor(capacity) {
        this.#capacity = capacity;
    }
    /** Does `work` with the graph under `key`, which `make` prepares when it is not there. */
    async use(key, make, work) {
        const entry = this.#entries.get(key) ?? newEntry(make());
        this.#entries.delete(key);
        this.#entries.set(key, entry);
        entry.users++;
        this.#evict();
        try {
            const prepared = await entry.prepared.catch((error) => {
                // A failed attempt must not be kept, or every later use of this key would see it again.
                if (this.#entries.get(key) === entry)
                    this.#entries.delete(key);
                throw error;
            });
            return await work(prepared);
        }
        finally {
            entry.users--;
            if (entry.retired && entry.users === 0)
                this.#release(entry);
        }
    }
    /** Frees everything, each graph as soon as nobody uses it; resolves when all are freed. */
    async clear() {
        for (const key of this.#entries.keys())
            this.#retire(key);
        await Promise.all(Array.from(this.#leaving, ({ freed }) => freed));
    }
    #evict() {
        for (const key of this.#entries.keys()) {
            if (this.#entries.size <= this.#capacity)
                return;
            this.#retire(key);
        }
    }
    #retire(key) {
        const entry = this.#entries.get(key);
        if (!entry)
            return;
        this.#entries.delete(key);
        entry.retired = true;
        this.#leaving.add(entry);
        if (entry.users === 0)
            this.#release(entry);
    }
    #release(entry) {
        void entry.prepared
            .then(({ executable }) => executable.dispose(), 
        // It never came to be: its users have seen the error.
        () => undefined)
            .finally(() => {
            this.#leaving.delete(entry);
            entry.free();
        });
    }
}
function newEntry(prepared) {
    let free;
    const freed = new Promise((resolve) => {
        free = resolve;
    });
    return { prepared, users: 0, retired: false, freed, free: () => free?.() };
}
//# sourceMappingURL=prepared-graphs.js.map