#include "server/store/postgres_database.hpp"

#include "server/store/libpq.hpp"
#include "shared/base/assert.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <pqxx/pqxx>
#include <string_view>
#include <unordered_map>

template <>
struct pqxx::string_traits<parley::postgres::parameter> {
    static bool is_null(const parley::postgres::parameter& value) { return !value; }

    static std::string to_string(const parley::postgres::parameter& value) { return *value; }
};

namespace parley::postgres {

namespace {

// No plan depends on when statistics were gathered: all that is asked has its index, and a plan of the days
// in which a table was small would otherwise stay for too long.
constexpr const char* manners =
    "SET statement_timeout = '5s'; SET lock_timeout = '5s'; SET idle_in_transaction_session_timeout = '5s'; "
    "SET default_transaction_isolation = 'read committed'; SET client_min_messages = warning; SET jit = off; "
    "SET plan_cache_mode = force_generic_plan; "
    "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; "
    "SELECT set_config('synchronous_commit', 'on', false) "
    "WHERE current_setting('synchronous_commit') IN ('off', 'local')";

/// key='value' for each, as libpq reads it.
std::string words_of(const target& to) {
    std::string out;
    for (const auto& [key, value] : to.parameters) {
        out += key + "='";
        for (const char c : value) {
            if (c == '\'' || c == '\\') out += '\\';
            out += c;
        }
        out += "' ";
    }
    return out;
}

/// libpqxx and PostgreSQL know ?1 as $1.
std::string with_dollars(const char* sql) {
    std::string out = sql;
    std::replace(out.begin(), out.end(), '?', '$');
    return out;
}

pqxx::connection& opened(std::unique_ptr<pqxx::connection>& into, const target& to) {
    load_libpq();
    try {
        into = std::make_unique<pqxx::connection>(words_of(to));
    } catch (const std::exception& why) {
        throw failure{trouble::unreachable, first_line(why.what())};
    }
    return *into;
}

}  // namespace

struct rows::answer {
    pqxx::result result;
};

struct connection::session {
    /// A warning at a commit says that it may not survive.
    struct listener : pqxx::errorhandler {
        explicit listener(pqxx::connection& to) : errorhandler(to) {}

        bool operator()(const char* said) noexcept override {
            std::strncpy(heard, said, sizeof heard - 1);
            return false;
        }

        char heard[200]{};
    };

    session(const target& to, watchdog& by, std::chrono::milliseconds most)
        : link(nullptr), warnings(opened(link, to)), watching(by), call_time(most) {}

    /// Runs `call` under the watchdog, with libpqxx's exceptions turned into ours.
    template <class Call>
    auto guarded(Call call) {
        try {
            const watchdog::call watched{watching, link->sock(), call_time};
            return call();
        } catch (const pqxx::insufficient_privilege& why) {  // without its SQLSTATE
            throw failure{trouble::denied, first_line(why.what())};
        } catch (const pqxx::sql_error& why) {
            throw failure{trouble_of(why.sqlstate(), why.what()), first_line(why.what())};
        } catch (const pqxx::broken_connection& why) {
            throw failure{trouble::lost, first_line(why.what())};
        } catch (const pqxx::in_doubt_error& why) {
            throw failure{trouble::lost, first_line(why.what())};
        } catch (const pqxx::pqxx_exception& why) {
            throw failure{link->is_open() ? trouble::other : trouble::lost, first_line(why.base().what())};
        }
    }

    const std::string& prepared(const char* sql) {
        auto& name = names[sql];
        if (name.empty()) {
            name = "s" + std::to_string(names.size());
            link->prepare(name, with_dollars(sql));
        }
        return name;
    }

    std::unique_ptr<pqxx::connection> link;
    listener warnings;
    watchdog& watching;
    std::chrono::milliseconds call_time;
    std::unordered_map<const char*, std::string> names;
    std::unique_ptr<pqxx::transaction_base> open;
};

rows::rows(std::unique_ptr<const answer> given) : given_(std::move(given)) {}

rows::~rows() = default;
rows::rows(rows&&) noexcept = default;

bool rows::step() {
    return ++row_ < static_cast<int>(given_->result.size());
}

std::int64_t rows::number(int column) const {
    const auto field = given_->result[row_][column];
    std::int64_t value = 0;
    std::from_chars(field.c_str(), field.c_str() + field.size(), value);
    return value;
}

std::string rows::text(int column) const {
    const auto field = given_->result[row_][column];
    return {field.c_str(), field.size()};
}

bool rows::is_null(int column) const {
    return given_->result[row_][column].is_null();
}

/// From 32 hexadecimal digits and 4 dashes.
ulid rows::id(int column) const {
    auto digits = text(column);
    std::erase(digits, '-');
    ulid id;
    if (digits.size() != 32) return id;
    const char* const middle = digits.data() + 16;
    std::from_chars(digits.data(), middle, id.hi, 16);
    std::from_chars(middle, middle + 16, id.lo, 16);
    return id;
}

std::int64_t rows::changed() const {
    return static_cast<std::int64_t>(given_->result.affected_rows());
}

connection::connection(const target& to, watchdog& watching, std::chrono::milliseconds call_time)
    : session_(std::make_unique<session>(to, watching, call_time)) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"  // of libpqxx 7, in which it is always so
    session_->link->inhibit_reactivation(true);
#pragma GCC diagnostic pop
    session_->link->set_verbosity(pqxx::connection_base::terse);
    run(manners);
}

connection::~connection() = default;

bool connection::is_open() const {
    return session_->link->is_open();
}

rows connection::run(const std::string& sql) {
    return session_->guarded([&] {
        if (session_->open) return rows{std::make_unique<rows::answer>(session_->open->exec(sql))};
        pqxx::nontransaction alone{*session_->link};
        return rows{std::make_unique<rows::answer>(alone.exec(sql))};
    });
}

rows connection::run_prepared(const char* sql, const given& with) {
    PARLEY_ASSERT(session_->open != nullptr);
    for (const auto& value : with.plain) {
        if (value && value->find('\0') != std::string::npos) throw failure{trouble::row, "a text holds NUL"};
    }
    std::vector<pqxx::binarystring> arrays;
    for (const auto* values : with.arrays)
        arrays.emplace_back(values->bytes());
    return session_->guarded([&] {
        return rows{std::make_unique<rows::answer>(session_->open->exec_prepared(
            session_->prepared(sql), pqxx::prepare::make_dynamic_params(with.plain),
            pqxx::prepare::make_dynamic_params(arrays)))};
    });
}

transaction::transaction(connection& on, kind what) : on_(on) {
    auto& session = *on.session_;
    session.guarded([&] {
        if (what == kind::writing) {
            session.open = std::make_unique<pqxx::work>(*session.link);
        } else {
            session.open =
                std::make_unique<pqxx::transaction<pqxx::repeatable_read, pqxx::read_only>>(*session.link);
        }
    });
}

transaction::~transaction() {
    auto& session = *on_.session_;
    if (!session.open) return;
    try {
        session.guarded([&] { session.open.reset(); });
    } catch (const failure&) {
        session.open.reset();  // what was begun ends with the connection
    }
}

void transaction::commit() {
    auto& session = *on_.session_;
    auto& heard = session.warnings.heard;
    heard[0] = '\0';
    session.guarded([&] { session.open->commit(); });
    session.open.reset();
    if (heard[0] != '\0') throw failure{trouble::lost, first_line(heard)};
}

}  // namespace parley::postgres
