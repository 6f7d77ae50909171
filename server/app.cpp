#include "server/app.hpp"

#include "server/api/api.hpp"
#include "server/backbone/local_backbone.hpp"
#include "server/net/front.hpp"
#include "server/net/hub_set.hpp"
#include "server/net/query_pool.hpp"
#include "server/net/response_head.hpp"
#include "server/open_order.hpp"
#include "server/open_store.hpp"
#include "server/ops/crash_points.hpp"
#include "server/ops/health.hpp"
#include "server/ops/log.hpp"
#include "server/store/committer_thread.hpp"
#include "server/surroundings.hpp"

#include <filesystem>
#include <limits>
#include <stdexcept>

namespace parley {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t store_readers = 4;

void say(enum log_line::level level, std::string_view event, std::string message) {
    write_log({level, event, {}, {}, {}, std::move(message), {}});
}

template <class T>
T or_throw(result<T> found, const std::string& what) {
    if (!found) {
        throw std::runtime_error(what + ": " +
                                 (found.error().detail.empty() ? std::string{sentence_of(found.error().code)}
                                                               : found.error().detail));
    }
    return *std::move(found);
}

/// The shell beside the installed program, or where it was built.
fs::path web_folder(const config& options) {
    if (!options.web.empty()) return options.web;
    std::error_code failed;
    const auto program = fs::read_symlink("/proc/self/exe", failed);
    const auto installed = program.parent_path().parent_path() / "share" / "parley" / "web";
    return fs::is_directory(installed, failed) ? installed : fs::path{PARLEY_WEB_DIST};
}

static_files read_shell(const config& options) {
    const auto folder = web_folder(options);
    static_files files{folder};
    if (files.empty()) {
        say(log_line::level::warn, "serve",
            "no web shell in " + folder.string() + ": only programs are served");
    }
    files.put("/config.json", "application/json", options.client.to_json());
    return files;
}

hub_config hub_config_of(const config& options, hash_key payload_key) {
    hub_config made;
    made.message_burst = options.message_burst;
    made.message_window_ms = options.message_window_ms();
    if (options.sessions_per_user == 0) {
        made.sessions_per_user = std::numeric_limits<std::size_t>::max();
    } else {
        made.sessions_per_user = options.sessions_per_user;
    }
    made.server_name = "parley " PARLEY_VERSION;
    made.payload_key = payload_key;
    return made;
}

http_headers standing_headers(const config& options) {
    auto headers = security_headers();
    if (options.url && options.url->https) {
        headers.emplace_back("Strict-Transport-Security", "max-age=31536000");
    }
    return headers;
}

std::vector<std::string> proxies_of(const config& options) {
    auto proxies = options.proxies;
    if (options.url && options.url->https) proxies.insert(proxies.end(), {"127.0.0.1", "::1"});
    return proxies;
}

}  // namespace

/// In the order in which they need each other; they end the other way round.
struct app::parts {
    config options;
    health condition{read_clocks().mono_ms};
    opened_store store;
    opened_order order;
    std::atomic<std::size_t> process_unsent{0};
    std::atomic<bool> damaged{false};
    bool refusing = false;  ///< of the committer's thread
    connection_ledger ledger;
    static_files shell;
    hub_set hubs;
    committer_thread committer;
    query_pool queries;
    std::unique_ptr<class front> front;
    std::unique_ptr<api> answers;
    counts_schedule counting{read_clocks().mono_ms};

    /// The order calls hubs and committer on threads of its own, until it is told to stop.
    struct end_of_order {
        backbone& log;

        ~end_of_order() { log.stop(); }
    } last{*order.log};

    explicit parts(const config& given);
    void renew_epoch();
    void order_changed(bool accepting, const std::string& why);
    void store_changed(bool accepting, const std::string& why);
    void listen();
};

app::parts::parts(const config& given)
    : options(given),
      store(open_store(options)),
      order(open_order(options, store,
                       [this](bool accepting, const std::string& why) { order_changed(accepting, why); })),
      ledger({options.connections_per_address, options.unfinished_per_address}),
      shell(read_shell(options)),
      hubs(hub_config_of(options, store.payload_key), options.hubs, draw_entropy(),
           {*order.log, queries, process_unsent, [this](const read_mark& mark) { committer.mark_read(mark); },
            write_log}),
      committer(
          *order.rooms, *order.log, order.shared() ? log_sharing::many_processes : log_sharing::alone,
          [this](bool accepting, const std::string& why) { store_changed(accepting, why); },
          [this](const std::string& reason) {
              say(log_line::level::error, "store_damaged", reason);
              damaged = true;
          }),
      queries(*order.rooms, store_readers) {
    answers = or_throw(api::make(options, {*store.accounts, *order.rooms, hubs,
                                           [this] {
                                               const auto now = condition.ask(read_clocks().mono_ms);
                                               return health_answer{now.well, now.json, now.ready};
                                           },
                                           write_log, read_clocks, store.payload_key}),
                       "the accounts can't be read");
    listen();
    committer.start();
    hubs.start();
    PARLEY_CRASH_POINT(hubs_started);
    front->start();
}

/// The sequencer knows as many rooms as it may, and all is stored.
void app::parts::renew_epoch() {
    const auto raised = store.rooms->raise_epoch(read_clocks().wall_ms, draw_entropy());
    if (!raised)
        return say(log_line::level::warn, "new_epoch", "no epoch can be begun: " + raised.error().detail);
    order.own->begin(*raised);
    say(log_line::level::info, "new_epoch", "the last one knew as many rooms as it may");
}

void app::parts::order_changed(bool accepting, const std::string& why) {
    condition.report("order", why);
    say(accepting ? log_line::level::info : log_line::level::warn, "order_state",
        accepting ? "ops are ordered" : "refusing ops: " + why);
}

/// While it refuses, `/health` says why just now; the log has one line when that begins and one when it ends.
void app::parts::store_changed(bool accepting, const std::string& why) {
    condition.report("store", why);
    hubs.tell_store_state(accepting);
    if (std::exchange(refusing, !accepting) && !accepting) return;
    if (why.empty()) {
        say(log_line::level::info, "store_state", "the store takes everything");
    } else {
        say(log_line::level::warn, "store_state", (accepting ? "" : "refusing ops: ") + why);
    }
}

void app::parts::listen() {
    try {
        front = std::make_unique<class front>(
            options.listen, options.port,
            http_surroundings{*answers, shell, ledger, standing_headers(options), proxies_of(options),
                              [this](adopted_socket socket) { hubs.adopt(std::move(socket)); }});
    } catch (const std::system_error& failed) {
        throw std::runtime_error("can't listen on " + options.listen + " port " +
                                 std::to_string(options.port) + ": " + failed.code().message() +
                                 " (--listen and --port, or PARLEY_LISTEN and PARLEY_PORT)");
    }
}

app::app(const config& options) : parts_(std::make_unique<parts>(options)) {
    say(log_line::level::info, "serve", "listening at " + address());
}

app::~app() {
    // What a request waits for keeps its connection, so all that may answer one ends before the front does.
    parts_->front->stop();
    parts_->hubs.stop();
    parts_->answers.reset();
}

std::string app::address() const {
    if (parts_->options.url) return parts_->options.url->origin();
    auto host = parts_->options.listen;
    if (host == "0.0.0.0" || host == "::") host = "localhost";
    if (host.find(':') != host.npos) host = '[' + host + ']';
    return "http://" + host + ':' + std::to_string(port());
}

std::uint16_t app::port() const {
    return parts_->front->port();
}

std::string app::set_up_code() const {
    return parts_->answers->set_up_code().value_or("");
}

bool app::tick() {
    auto& p = *parts_;
    if (p.order.own && p.order.own->wants_epoch()) p.renew_epoch();
    if (p.counting.due(read_clocks().mono_ms)) write_log(counts_line(p.hubs.counts()));
    return !p.damaged;
}

bool app::shut_down() {
    say(log_line::level::info, "shut_down", "telling every session");
    parts_->front->stop();
    parts_->hubs.shut_down();
    PARLEY_CRASH_POINT(sessions_told);
    const bool stored = parts_->committer.drain();
    PARLEY_CRASH_POINT(drained);
    say(stored ? log_line::level::info : log_line::level::warn, "shut_down",
        stored ? "everything is stored" : "not everything could be stored");
    return stored;
}

}  // namespace parley
