#pragma once

#include "server/store/postgres_failure.hpp"
#include "server/store/postgres_values.hpp"
#include "server/store/postgres_watchdog.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

/// A thin layer over libpqxx for this folder alone, of the same shape as sqlite_database.hpp. What fails
/// throws `failure`; the stores turn that into answers.
namespace parley::postgres {

/// Where and as whom, in the words of libpq (postgresql.org/docs/15/libpq-connect.html, 34.1.2).
struct target {
    std::vector<std::pair<std::string, std::string>> parameters;
    std::string name;  ///< for people: never holds the password
};

/// The rows that a statement gave. Columns count from 0.
class rows {
public:
    struct answer;

    explicit rows(std::unique_ptr<const answer> given);
    ~rows();
    rows(rows&&) noexcept;

    /// False: there are no more rows.
    bool step();

    [[nodiscard]] std::int64_t number(int column) const;

    [[nodiscard]] std::uint64_t natural(int column) const {
        return static_cast<std::uint64_t>(number(column));
    }

    [[nodiscard]] std::string text(int column) const;
    [[nodiscard]] bool is_null(int column) const;
    [[nodiscard]] ulid id(int column) const;
    [[nodiscard]] std::int64_t changed() const;

private:
    std::unique_ptr<const answer> given_;
    int row_ = -1;
};

/// One connection; never opened again by itself. Belongs to one thread at a time.
class connection {
public:
    /// `call_time`: a call that takes longer breaks the connection.
    connection(const target& to, watchdog& watching, std::chrono::milliseconds call_time);
    ~connection();
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    /// `sql` must live as long as the connection (a literal): the prepared statement is kept under its
    /// address. Parameters are ?1 or $1; arrays (`column`) stand behind all plain values. Needs a
    /// transaction.
    template <class... Values>
    [[nodiscard]] rows ask(const char* sql, const Values&... values) {
        given with;
        (with.add(values), ...);
        return run_prepared(sql, with);
    }

    /// A statement without rows; tells how many rows it changed.
    template <class... Values>
    std::int64_t change(const char* sql, const Values&... values) {
        return ask(sql, values...).changed();
    }

    /// Statements without parameters, divided by ';', of which the last one's rows are given; in the
    /// transaction that is open, or each by itself.
    rows run(const std::string& sql);

    [[nodiscard]] bool is_open() const;

private:
    friend class transaction;
    struct session;

    struct given {
        std::vector<parameter> plain;
        std::vector<const column*> arrays;

        template <class Value>
        void add(const Value& value) {
            plain.push_back(as_parameter(value));
        }

        void add(const column& values) { arrays.push_back(&values); }
    };

    [[nodiscard]] rows run_prepared(const char* sql, const given& with);

    std::unique_ptr<session> session_;
};

/// Rolled back when it goes out of scope without `commit`. Reading, all of it sees one snapshot.
class transaction {
public:
    enum class kind : std::uint8_t { reading, writing };

    transaction(connection& on, kind what);
    ~transaction();
    transaction(const transaction&) = delete;
    transaction& operator=(const transaction&) = delete;

    /// Fails with `lost` when it is not known whether it happened, or whether it would survive.
    void commit();

private:
    connection& on_;
};

}  // namespace parley::postgres
