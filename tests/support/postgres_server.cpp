#include "tests/support/postgres_server.hpp"

#include "server/store/postgres_database.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/waiting.hpp"

#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace parley::testing {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

std::string program(const char* name) {
    const auto path = std::string{"/usr/lib/postgresql/15/bin/"} + name;
    if (fs::exists(path)) return path;
    throw std::runtime_error{path +
                             " is missing: install PostgreSQL (Debian: postgresql-15), or run "
                             "scripts/setup --tests"};
}

std::vector<pid_t> children_of(pid_t parent) {
    std::istringstream list{
        bytes_of("/proc/" + std::to_string(parent) + "/task/" + std::to_string(parent) + "/children")};
    return {std::istream_iterator<pid_t>{list}, {}};
}

postgres::rows answer_of(const postgres_options& options, const std::string& sql) {
    postgres::watchdog watching;
    postgres::connection db{{options.target, options.name}, watching, 30s};
    return db.run(sql);
}

}  // namespace

postgres_server::postgres_server(std::vector<std::string> settings)
    : settings_(std::move(settings)), port_(free_port()) {
    give_to_daemons(folder_.path());
    const auto secret = folder_.path() / "secret";
    std::ofstream{secret} << password << '\n';
    run_as_daemon({program("initdb"), "-D", data().string(), "-U", user, "--pwfile", secret.string(), "-A",
                   "scram-sha-256", "-E", "UTF8", "--locale", "C", "--no-sync", "--no-instructions"},
                  folder_.path() / "initdb");
    start();
}

postgres_server::~postgres_server() {
    if (process_) thaw();
}

postgres_server& postgres_server::shared() {
    static postgres_server one;
    return one;
}

void postgres_server::start() {
    std::vector<std::string> command{program("postgres"), "-D", data().string()};
    for (const auto& setting :
         {std::string{"listen_addresses=127.0.0.1"}, "port=" + std::to_string(port_),
          "unix_socket_directories=" + folder_.path().string(), std::string{"shared_buffers=32MB"}}) {
        command.insert(command.end(), {"-c", setting});
    }
    for (const auto& setting : settings_)
        command.insert(command.end(), {"-c", setting});
    const auto said = folder_.path() / "output";
    fs::remove(data() / "postmaster.pid");
    process_ = std::make_unique<daemon>(command, said, SIGQUIT);
    const bool up = wait_until(30s, [&] {
        return process_->ended() || bytes_of(data() / "postmaster.pid").find("ready") != std::string::npos;
    });
    if (!up || process_->ended()) throw std::runtime_error{"PostgreSQL did not start: " + bytes_of(said)};
}

void postgres_server::stop() {
    process_->end(SIGINT);
    process_.reset();
}

void postgres_server::crash() {
    process_->end(SIGQUIT);
    process_.reset();
}

void postgres_server::signal_all(int number) const {
    for (const auto child : children_of(process_->pid()))
        ::kill(child, number);
    process_->signal(number);
}

void postgres_server::freeze() const {
    signal_all(SIGSTOP);
}

void postgres_server::thaw() const {
    signal_all(SIGCONT);
}

std::filesystem::path postgres_server::make_certificate() {
    const auto certificate = folder_.path() / "certificate", key = folder_.path() / "key";
    run_as_daemon({"/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                   "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                   "-keyout", key.string(), "-out", certificate.string()},
                  folder_.path() / "openssl");
    for (const auto& setting :
         {std::string{"ssl=on"}, "ssl_cert_file=" + certificate.string(), "ssl_key_file=" + key.string()})
        settings_.push_back(setting);
    return certificate;
}

std::string postgres_server::make_database() {
    auto name = "test" + std::to_string(++made_);
    run("CREATE DATABASE " + name);
    return name;
}

void postgres_server::drop_database(const std::string& name) {
    run("DROP DATABASE " + name + " WITH (FORCE)");
}

void postgres_server::run(const std::string& sql, const std::string& database) const {
    std::ignore = answer_of(options(database), sql);
}

std::string postgres_server::ask(const std::string& sql, const std::string& database) const {
    auto rows = answer_of(options(database), sql);
    return rows.step() ? rows.text(0) : std::string{};
}

postgres_options postgres_server::options(const std::string& database) const {
    postgres_options made;
    made.target = {{"host", "127.0.0.1"},
                   {"port", std::to_string(port_)},
                   {"user", user},
                   {"password", password},
                   {"dbname", database}};
    made.name = "database " + database;
    return made;
}

std::string postgres_server::url(const std::string& database) const {
    return "postgres://" + std::string{user} + ":sesame%20%26%20ivy@127.0.0.1:" + std::to_string(port_) +
           '/' + database;
}

}  // namespace parley::testing
