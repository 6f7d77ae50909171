/** What stands on the device under a user, read and written past the page: as a disk may turn out to be. */

const database = (user) => `parley/${user}`;

/** Each record's key and bytes. */
export function readRecords(page, user) {
  return page.evaluate(
    (name) =>
      new Promise((done, failed) => {
        const opening = indexedDB.open(name, 1);
        opening.onerror = failed;
        opening.onsuccess = () => {
          const store = opening.result.transaction("records").objectStore("records");
          const keys = store.getAllKeys();
          const values = store.getAll();
          values.onsuccess = () => {
            opening.result.close();
            done(keys.result.map((key, at) => [key, [...values.result[at]]]));
          };
        };
      }),
    database(user),
  );
}

/** These stand there from now on, beside what did. */
export function writeRecords(page, user, records) {
  return page.evaluate(
    ([name, all]) =>
      new Promise((done, failed) => {
        const opening = indexedDB.open(name, 1);
        opening.onupgradeneeded = () => opening.result.createObjectStore("records");
        opening.onerror = failed;
        opening.onsuccess = () => {
          const written = opening.result.transaction("records", "readwrite");
          for (const [key, value] of all)
            written
              .objectStore("records")
              .put(typeof value === "string" ? value : new Uint8Array(value), key);
          written.onabort = failed;
          written.oncomplete = () => {
            opening.result.close();
            done();
          };
        };
      }),
    [database(user), records],
  );
}
