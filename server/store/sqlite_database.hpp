#pragma once

#include "server/store/sqlite_failure.hpp"
#include "shared/base/ids.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct sqlite3_stmt;

/// A thin layer over SQLite for this folder alone: connections, statements, transactions. What fails throws
/// `failure`; the stores turn that into answers.
namespace parley::sqlite {

enum class access : std::uint8_t {
    create,     ///< reads and writes, makes the file if there is none
    write,      ///< reads and writes
    read,       ///< reads beside a writer; never checkpoints
    read_alone  ///< reads a file that nobody has open and that has no log beside it; touches nothing
};

class query;

/// One connection. Belongs to one thread at a time.
class database {
public:
    database(const std::filesystem::path& file, access how);
    ~database();
    database(database&&) noexcept;
    database& operator=(database&&) noexcept;

    /// Statements without parameters and without rows that matter, divided by ';'.
    void run(const std::string& sql);

    /// The first column of the first row of a statement that is not worth keeping, such as a pragma.
    [[nodiscard]] std::string text_of(const std::string& sql);
    [[nodiscard]] std::int64_t number_of(const std::string& sql);

    /// One column of all rows of such a statement.
    [[nodiscard]] std::vector<std::string> texts_of(const std::string& sql, int column);

    /// `sql` must live as long as the connection (a literal): the prepared statement is kept under its
    /// address.
    template <class... Values>
    [[nodiscard]] query ask(const char* sql, const Values&... values);

    /// A statement without rows; tells how many rows it changed.
    template <class... Values>
    std::int64_t change(const char* sql, const Values&... values);

    [[nodiscard]] std::int64_t last_row() const;
    [[nodiscard]] std::int64_t changed_rows() const;
    [[nodiscard]] bool in_transaction() const;

    /// The text of every statement that is kept prepared, in no order: for the test of their plans.
    [[nodiscard]] std::vector<std::string> kept_statements() const;

    void set_busy_timeout(std::chrono::milliseconds time);

    /// Statements that step later than this fail with `interrupted`; none: no limit.
    void set_deadline(std::optional<std::chrono::steady_clock::time_point> deadline);

    /// How many pages the write-ahead log held after this connection's last commit.
    [[nodiscard]] std::int64_t log_pages() const;

    enum class checkpoint_kind : std::uint8_t { passive, truncate };

    /// False: somebody still reads or writes what stands in the log.
    bool checkpoint(checkpoint_kind kind);

private:
    friend class query;
    struct connection;

    [[nodiscard]] sqlite3_stmt* prepare(const char* sql);

    std::unique_ptr<connection> connection_;
};

/// A statement while it runs. Columns count from 0; ids are blobs of 16 bytes.
class query {
public:
    explicit query(sqlite3_stmt* statement) : statement_(statement) {}

    ~query();

    query(query&& other) noexcept
        : statement_(std::exchange(other.statement_, nullptr)), next_(other.next_) {}

    query& operator=(query&&) = delete;

    /// False: there are no more rows.
    bool step();

    void bind(std::int64_t value);
    void bind(std::uint64_t value);  ///< values beyond a signed 64-bit number become the largest one

    void bind(int value) { bind(std::int64_t{value}); }

    void bind(bool value) { bind(std::int64_t{value}); }

    void bind(std::string_view text);

    void bind(const char* text) { bind(std::string_view{text}); }

    void bind(const std::string& text) { bind(std::string_view{text}); }

    void bind(const ulid& id);
    void bind(const std::array<std::uint8_t, 32>& bytes);
    void bind(std::nullopt_t);

    template <class Tag>
    void bind(const strong_id<Tag>& id) {
        bind(id.value);
    }

    template <class Value>
    void bind(const std::optional<Value>& value) {
        if (value)
            bind(*value);
        else
            bind(std::nullopt);
    }

    [[nodiscard]] std::int64_t number(int column) const;

    [[nodiscard]] std::uint64_t natural(int column) const {
        return static_cast<std::uint64_t>(number(column));
    }

    [[nodiscard]] std::string text(int column) const;
    [[nodiscard]] bool is_null(int column) const;
    [[nodiscard]] ulid id(int column) const;

private:
    sqlite3_stmt* statement_;
    int next_ = 1;
};

template <class... Values>
query database::ask(const char* sql, const Values&... values) {
    query q{prepare(sql)};
    (q.bind(values), ...);
    return q;
}

template <class... Values>
std::int64_t database::change(const char* sql, const Values&... values) {
    ask(sql, values...).step();
    return changed_rows();
}

/// Rolled back when it goes out of scope without `commit`.
class transaction {
public:
    enum class kind : std::uint8_t { reading, writing };

    explicit transaction(database& on, kind what);
    ~transaction();
    transaction(const transaction&) = delete;
    transaction& operator=(const transaction&) = delete;

    void commit();

private:
    database& on_;
};

}  // namespace parley::sqlite
