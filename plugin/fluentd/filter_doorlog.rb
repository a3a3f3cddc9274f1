# Fluentd's filter "doorlog": AWS sign-in records in, ECS and OCSF events out, in their place on the route.
#
#   <filter cloudtrail.**>
#     @type doorlog
#     command doorlog fluentd filter --to ecs
#   </filter>
#
# A batch goes to a child process as it is, its answer comes back as it is; all knowledge is in the child. A child that
# ends, or does not answer in time, is replaced and its batch repeated. An event that ends one child after another goes
# to @ERROR alone, and so do rejects, unless `reject_label` names their label.

require "fluent/plugin/filter"
require "shellwords"
require "timeout"

module Fluent::Plugin
  class DoorlogFilter < Filter
    Fluent::Plugin.register_filter("doorlog", self)

    desc "What is started, once for each worker; no shell is between."
    config_param :command, :string, default: "doorlog fluentd filter"
    desc "How long the child may take to start, and for a batch, before it is killed."
    config_param :timeout, :time, default: 20
    desc "How many children a batch may end before its events are tried one by one, and one event before it is given up."
    config_param :tries, :integer, default: 3
    desc "The label for what can't be normalized, instead of @ERROR."
    config_param :reject_label, :string, default: nil

    READY = ["doorlog", 1].freeze
    Rejected = Class.new(StandardError)
    NotStarted = Class.new(Fluent::ConfigError)
    Lost = Class.new(StandardError)
    LOST = [SystemCallError, IOError, MessagePack::UnpackError, Timeout::Error].freeze

    def configure(conf)
      super
      @lock = Mutex.new
      @rejects = @reject_label && event_emitter_router(@reject_label)
    end

    def start
      super
      @lock.synchronize { launch }
    end

    # Later than shutdown: until then, inputs and buffers may still bring something.
    def close
      @lock.synchronize { Timeout.timeout(5) { drop } rescue kill }
      super
    end

    def filter_stream(tag, es)
      events, number, rejects = answer(tag, es)
      rejects.each { |time, record| reject(tag, time, record, Rejected.new(record["message"])) }
      Fluent::MessagePackEventStream.new(events, nil, number)
    rescue Lost => e
      return one_by_one(tag, es) if es.size > 1
      es.each { |time, record| router.emit_error_event(tag, time, record, e) }
      Fluent::MultiEventStream.new
    end

    private

    def one_by_one(tag, es)
      all = Fluent::MultiEventStream.new
      es.each do |time, record|
        filter_stream(tag, Fluent::OneEventStream.new(time, record)).each { |at, event| all.add(at, event) }
      end
      all
    end

    def reject(tag, time, record, error)
      @rejects ? @rejects.emit(tag, time, record) : router.emit_error_event(tag, time, record, error)
    end

    def answer(tag, es)
      batch = [tag, es.to_msgpack_stream].to_msgpack
      @lock.synchronize do
        tried = 0
        begin
          launch unless @child
          Timeout.timeout(@timeout) { @child.write(batch) and @answers.read }
        rescue NotStarted, *LOST => e
          kill
          log.warn "doorlog: the child was lost and is replaced", error: e, tag: tag
          retry if (tried += 1) < @tries
          # That is not the batch's fault: Fluentd hands the error to the source, or the batch to @ERROR.
          raise if e.is_a?(NotStarted)
          raise Lost, "doorlog: #{tried} children were lost with it, the last by #{e.class}"
        end
      end
    end

    def launch
      @child = IO.popen(Shellwords.split(@command), "r+b")
      @child.sync = true
      @pid = @child.pid
      @answers = Fluent::MessagePackFactory.msgpack_unpacker(@child)
      ready = Timeout.timeout(@timeout) { @answers.read }
      raise NotStarted, "doorlog: #{@command} speaks another protocol: #{ready.inspect}" if ready != READY
    rescue *LOST => e
      kill
      raise NotStarted, "doorlog: #{@command} did not start (#{e.class}); it says why on Fluentd's stderr"
    end

    def kill
      Process.kill(:KILL, @pid) if @child
      drop
    rescue *LOST
      @child = nil
    end

    # Its input ends, and with it the child.
    def drop
      @child&.close
      @child = nil
    end
  end
end
