#pragma once

#include "server/store/memory_store.hpp"
#include "server/store/postgres_store.hpp"
#include "server/store/sqlite_store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/store_folder.hpp"
#include "tests/support/store_log.hpp"

/// The contract of the ports runs against every store: TEMPLATE_TEST_CASE("…", "", PARLEY_STORES).
namespace parley::testing {

struct in_memory {
    memory_store store;
};

struct in_sqlite {
    store_folder folder;
    sqlite_store store{sqlite_options{folder.path()}};
};

struct in_postgres {
    postgres_database database;
    postgres_store store{database.options()};
};

}  // namespace parley::testing

#define PARLEY_STORES parley::testing::in_memory, parley::testing::in_sqlite, parley::testing::in_postgres
