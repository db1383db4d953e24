package dev.sampan.store;

import java.time.InstantSource;

final class MemoryStoreTest extends StoreContract {

    @Override
    Store open(Retention retention) {
        return new MemoryStore(retention, InstantSource.system());
    }
}
