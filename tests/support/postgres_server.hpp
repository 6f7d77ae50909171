#pragma once

#include "server/store/postgres_store.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/store_folder.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace parley::testing {

/// A PostgreSQL of a test's own, on a free port of 127.0.0.1, with a password. Where there is none it throws
/// a line that says what to install: a case that needs it fails.
class postgres_server {
public:
    /// `settings`: as `postgres -c` takes them. Without `fsync` it survives every crash but that of the
    /// machine.
    explicit postgres_server(std::vector<std::string> settings = {"fsync=off"});
    ~postgres_server();

    /// The one that the cases of a program share.
    static postgres_server& shared();

    void start();
    void stop();   ///< in order; who is connected is cut off
    void crash();  ///< as if killed, with all its children

    /// Nobody is answered meanwhile, and nobody is told.
    void freeze() const;
    void thaw() const;

    [[nodiscard]] std::uint16_t port() const { return port_; }

    /// Where its unix socket is.
    [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

    /// From the next start on it speaks TLS, with a certificate for 127.0.0.1 that nobody signed, given back.
    [[nodiscard]] std::filesystem::path make_certificate();

    /// One name more each time; it exists and is empty.
    [[nodiscard]] std::string make_database();
    void drop_database(const std::string& name);

    /// As a superuser.
    void run(const std::string& sql, const std::string& database = "postgres") const;
    [[nodiscard]] std::string ask(const std::string& sql, const std::string& database = "postgres") const;

    [[nodiscard]] postgres_options options(const std::string& database) const;
    [[nodiscard]] std::string url(const std::string& database) const;

    static constexpr const char* user = "parley";
    static constexpr const char* password = "sesame & ivy";

private:
    [[nodiscard]] std::filesystem::path data() const { return folder_.path() / "data"; }

    void signal_all(int number) const;

    store_folder folder_;
    std::vector<std::string> settings_;
    std::uint16_t port_;
    std::unique_ptr<daemon> process_;
    int made_ = 0;
};

/// A database of the shared server, gone with the object.
class postgres_database {
public:
    explicit postgres_database(postgres_server& on = postgres_server::shared())
        : server_(on), name_(on.make_database()) {}

    ~postgres_database() { server_.drop_database(name_); }

    postgres_database(const postgres_database&) = delete;
    postgres_database& operator=(const postgres_database&) = delete;

    [[nodiscard]] const std::string& name() const { return name_; }

    [[nodiscard]] postgres_options options() const { return server_.options(name_); }

    [[nodiscard]] std::string url() const { return server_.url(name_); }

    void run(const std::string& sql) const { server_.run(sql, name_); }

    [[nodiscard]] std::string ask(const std::string& sql) const { return server_.ask(sql, name_); }

private:
    postgres_server& server_;
    std::string name_;
};

}  // namespace parley::testing
